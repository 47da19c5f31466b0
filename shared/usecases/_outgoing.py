"""Render a message, address it and hand it to a provider: for codes, notices and reminders."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.domain.account import AccountKey
from shared.domain.person import Sealed
from shared.messages import render
from shared.ports.channel import Channel, NotSent, OutgoingMessage
from shared.usecases._sealing import Sealing

_LOG: Final = logging.getLogger("sesame.outgoing")


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """The outcome of one send. `cause` is a stable word for the audit log."""

    cause: str
    owed: bool = False
    """Whether the provider did not take it, but may later. A message that is sent at least once is tried again."""
    refused_for_now: bool = False
    """Whether the provider definitely did not take it, but may later. Even a code may then be sent again (rule 2)."""

    @property
    def sent(self) -> bool:
        return self.cause == "sent"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Sends messages, always to the stored contact and never to one from a request (R-19)."""

    sealing: Sealing
    channels: dict[str, Channel]
    product_name: str

    async def send(
        self,
        account: AccountKey,
        to: Sealed,
        channel: str,
        template: str,
        values: Mapping[str, str | datetime],
        *,
        language: str,
        idempotency: str,
    ) -> SendOutcome:
        """Send one message once, and return the outcome. It never repeats a send.

        Args:
            account: the key of the account that the message is for.
            to: the contact, sealed.
            channel: `email` or `sms`.
            template: the folder of the template.
            values: the values for the template, without the product's name.
            language: the language of the text. Without a template in it, English is used.
            idempotency: a text that is the same for every attempt to send the same message.
        """
        contact = self.sealing.open_contact(account, to)
        if contact is None:
            return SendOutcome("unreadable")
        rendered = render(template, language, channel, {"product": self.product_name, **values})
        message = OutgoingMessage(
            channel=channel,
            to=contact.text,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            account=account,
            idempotency=idempotency,
        )
        try:
            await self.channels[channel].send(message)
        except NotSent as failure:
            _LOG.warning("not sent: %s %s %s", template, channel, failure.cause)
            again = not failure.permanent
            return SendOutcome(failure.cause, owed=again, refused_for_now=again and failure.definite)
        return SendOutcome("sent")
