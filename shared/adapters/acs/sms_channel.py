"""SMS through Azure Communication Services."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from shared.adapters.acs._clients import ONE_ATTEMPT, provider_errors, refused
from shared.domain.contact import PhoneNumber
from shared.domain.reachability import Outcome
from shared.domain.senders import Sender, sender_to
from shared.ports.channel import OPTED_OUT, NotSent, OutgoingMessage
from shared.validation.phone_country import country_of
from shared.validation.report_codes import sms_verdict

if TYPE_CHECKING:
    from azure.core.pipeline.transport import AsyncHttpTransport

BAD_NUMBER: Final = 400
"""The status of an item whose number is invalid, or has refused messages from this sender."""


class AcsSmsChannel:
    def __init__(
        self,
        endpoint: str,
        credential: Callable[[], Any],
        senders: Sequence[Sender],
        transport: "AsyncHttpTransport[Any, Any]",
    ) -> None:
        self._endpoint = endpoint
        self._credential = credential
        self._senders = senders
        self._transport = transport
        self._client: Any = None

    async def send(self, message: OutgoingMessage) -> None:
        from azure.communication.sms.aio import SmsClient

        sender = sender_to(country_of(PhoneNumber(message.to)), self._senders)
        if sender is None:  # registered while another sender was declared
            raise NotSent("no_sender", permanent=True)
        if self._client is None:
            self._client = SmsClient(self._endpoint, self._credential(), transport=self._transport, **ONE_ATTEMPT)
        with provider_errors():
            results = await self._client.send(
                from_=sender.text,
                to=message.to,
                message=message.text,
                # The delivery report returns this tag and so identifies the row. It is a keyed hash: the provider
                # learns nothing from it.
                enable_delivery_report=True,
                tag=message.account,
            )
        # The call returns 202 even if this number was refused. Each item contains the result for its number.
        for result in results:
            if not result.successful:
                raise _refusal(int(result.http_status_code or 0), result.error_message or "")


def _refusal(status: int, said: str) -> NotSent:
    """Return what the refusal of one number means, by the provider's documented codes and texts, else by its status."""
    outcome, code = sms_verdict(said)
    if outcome is Outcome.OPTED_OUT:
        return NotSent(OPTED_OUT, permanent=True, status=status, code=code)
    of_the_sender = outcome in {Outcome.SENDER_REFUSED, Outcome.FAILED}
    return refused(f"sms_{status}", status, of_the_address=status == BAD_NUMBER and not of_the_sender, code=code)
