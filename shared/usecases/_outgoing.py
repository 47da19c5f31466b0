"""Render a message, count what it costs, hand it to a provider and log how that went: codes, notices and reminders."""

import contextlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.domain.account import AccountKey
from shared.domain.calls import VOICE
from shared.domain.contact import Contact, EmailAddress, PhoneNumber
from shared.domain.limits import CAME_BACK, FEW_TEXTS, TEXTED, texts_of_everybody, texts_to_prefix
from shared.domain.organisation import Organisation
from shared.domain.person import Sealed
from shared.domain.policy import Policy
from shared.messages import render
from shared.ports.calls import Calls
from shared.ports.channel import OPTED_OUT, Channel, NotSent, OutgoingMessage
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.opt_outs import OptOuts
from shared.ports.shared_tally import SharedTally
from shared.ports.store import StoreLost
from shared.usecases._sealing import Sealing

_LOG: Final = logging.getLogger("sesame.messages")
_ALARM: Final = logging.getLogger("sesame.alarm")

LAST_DIGITS = 4
"""Numbers that differ only in these digits count together, against fraud with number ranges (A-25)."""


@dataclass(frozen=True, slots=True)
class Spending:
    """Counts what costs money: every text message, whatever it is for (R-73), and each mailbox's own budget of codes.

    The totals hold over all instances, for codes, notices and reminders together.
    """

    sealing: Sealing
    tally: SharedTally
    keyring: Keyring
    policy: Policy

    async def allows(self, account: AccountKey, to: Sealed | None) -> bool:
        """Count a text message and return whether the limits allow it. None is a message that will be dropped.

        It is not counted, at the same cost. Raises StoreLost: a limit on spending fails closed (R-75).
        """
        return await self._spend(account, to)

    async def note(self, account: AccountKey, to: Sealed) -> None:
        """Count a text message that no limit refuses: a notice of a security event (rule 23)."""
        with contextlib.suppress(StoreLost):
            await self._spend(account, to)

    async def texted(self) -> None:
        """Count a code that was sent by text message, and log an alarm when too few of them come back (A-25).

        Somebody who earns on text messages asks for codes and never enters them (Twilio, SMS pumping).
        """
        sent, back = (self.keyring.digest(f"tally.{rate.key}") for rate in (TEXTED, CAME_BACK))
        await self.tally.spend(sent, TEXTED, counts=1, approximately=True)
        await self.tally.spend(back, CAME_BACK, counts=0, approximately=True)
        texts, entered = self.tally.total(sent, TEXTED), self.tally.total(back, CAME_BACK)
        few = texts >= FEW_TEXTS and 100 * entered < self.policy.conversion_percent * texts
        if few and self.tally.seen_here(self.keyring.digest("alarm", "conversion"), TEXTED) == 1:
            _ALARM.warning("alarm conversion: %d of %d texted codes came back in 1 h", entered, texts)

    def budget(self, account: AccountKey, to: Sealed) -> str:
        """Return the keyed digest that codes and reminders to this address or number are counted by (rule 15)."""
        contact = self.sealing.open_contact(account, to)
        if not isinstance(contact, EmailAddress):
            return to.destination
        return self.sealing.destination(contact.mailbox(self.policy.dotless_email_domains))

    async def _spend(self, account: AccountKey, to: Sealed | None) -> bool:
        contact = self.sealing.open_contact(account, to) if to else None
        counts = int(contact is not None)
        prefix = self.keyring.digest(
            "prefix", contact.number[:-LAST_DIGITS] if isinstance(contact, PhoneNumber) else account
        )
        return await self.tally.spend(prefix, texts_to_prefix(self.policy), counts=counts) and await self.tally.spend(
            self.keyring.digest("by-phone"), texts_of_everybody(self.policy), counts=counts
        )


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
    calls: Calls
    web_host: str
    organisation: Organisation
    spending: Spending
    opt_outs: OptOuts
    clock: Clock

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
        counted: bool = False,
        wanted: bool = False,
    ) -> SendOutcome:
        """Send one message once, and return the outcome. It never repeats a send.

        Args:
            account: the key of the account that the message is for.
            to: the contact, sealed.
            channel: `email` or `sms`.
            template: the folder of the template.
            values: the values for the template, without those of the organisation.
            language: the language of the text. Without a template in it, English is used.
            counted: whether the caller has counted what it costs. Otherwise it is counted here and not limited.
            wanted: whether the caller has made sure that the owner of the number has not refused texts.
            idempotency: a text that is the same for every attempt to send the same message.
        """
        contact = self.sealing.open_contact(account, to)
        if contact is None:
            return _unreadable(channel)
        if channel != "email" and not wanted and await self.opt_outs.stands(to.destination):
            return SendOutcome(OPTED_OUT)
        if channel != "email" and not counted:
            await self.spending.note(account, to)
        ours = self.organisation
        named = {"product": ours.name if channel == "email" else ours.text_name, "helpdesk": ours.helpdesk}
        named |= {"time_zone": ours.time_zone, "accent": ours.accent}
        rendered = render(template, language, channel, {**named, **values}, web_host=self.web_host)
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
            if failure.cause == OPTED_OUT:
                with contextlib.suppress(StoreLost):  # the next send is refused too
                    await self.opt_outs.note(to.destination, opted_out=True, at=self.clock.now())
            return _not_sent(failure, channel, contact)
        note_sent(channel, contact, template)
        return SendOutcome("sent")

    async def call(self, account: AccountKey, to: Sealed, token: str) -> SendOutcome:
        """Place one call, and return the outcome. What is said follows in the call; `token` names it in reports."""
        contact = self.sealing.open_contact(account, to)
        if not isinstance(contact, PhoneNumber):
            return _unreadable(VOICE)
        try:
            await self.calls.place(contact.number, token)
        except NotSent as failure:
            return _not_sent(failure, VOICE, contact)
        note_sent(VOICE, contact, "call")
        return SendOutcome("sent")


def _unreadable(channel: str) -> SendOutcome:
    """Another instance may have the key, for example while keys rotate."""
    note_failed(channel, None, Fault.INSTALLATION, cause="unreadable")
    return SendOutcome("unreadable", owed=True)


def _not_sent(failure: NotSent, channel: str, contact: Contact) -> SendOutcome:
    again = not failure.permanent
    fault = Fault.ADDRESS if failure.permanent else Fault.INSTALLATION if failure.definite else Fault.PROVIDER
    note_failed(channel, contact, fault, cause=failure.cause, status=failure.status, code=failure.code)
    return SendOutcome(failure.cause, owed=again, refused_for_now=again and failure.definite)


# -- one log line for each message that was sent, failed or did not arrive: what alerts count --


class Fault(StrEnum):
    """Where a message failed. The first kind ends when an operator corrects something."""

    INSTALLATION = "installation"
    """The sender, its domain, a right, a quota or a key."""
    PROVIDER = "provider"
    """No answer, or an error of the provider's own."""
    ADDRESS = "address"
    """This address or number can have no message."""


def note_sent(channel: str, to: Contact, template: str) -> None:
    _log(logging.INFO, "sent", channel, to, template=template)


def note_failed(channel: str, to: Contact | None, fault: Fault, *, cause: str, status: int = 0, code: str = "") -> None:
    """Log a send that failed, or a report that a message did not arrive.

    Args:
        channel: `email`, `sms` or `voice`.
        to: the contact; None where it cannot be opened.
        fault: what it was the fault of.
        cause: a stable word of ours.
        status: the HTTP status of the provider's answer; 0 without one.
        code: the provider's word for the error, if it has one.
    """
    _log(logging.WARNING, "failed", channel, to, status=status, cause=cause, code=code, fault=fault.value)


def _log(level: int, what: str, channel: str, to: Contact | None, **facts: str | int) -> None:
    """Log a JSON object without the address or number, only the country code of ITU-T E.164.

    The facts are in the text, because Application Insights drops the names of loggers and extra fields.
    """
    country = f"+{to.country_code}" if isinstance(to, PhoneNumber) else ""
    _LOG.log(level, "message %s %s", what, json.dumps({"channel": channel, "country": country, **facts}))
