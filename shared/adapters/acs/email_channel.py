"""Email through Azure Communication Services."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from shared.adapters.acs._clients import ONE_ATTEMPT, provider_errors
from shared.domain.operation_id import operation_id
from shared.ports.channel import OutgoingMessage

if TYPE_CHECKING:
    from azure.core.pipeline.transport import AsyncHttpTransport


class AcsEmailChannel:
    def __init__(
        self, endpoint: str, credential: Callable[[], Any], sender: str, transport: "AsyncHttpTransport[Any, Any]"
    ) -> None:
        self._endpoint = endpoint
        self._credential = credential
        self._sender = sender
        self._transport = transport
        self._client: Any = None

    async def send(self, message: OutgoingMessage) -> None:
        from azure.communication.email.aio import EmailClient
        from azure.core.exceptions import ResourceExistsError

        if self._client is None:
            self._client = EmailClient(self._endpoint, self._credential(), transport=self._transport, **ONE_ATTEMPT)
        operation = operation_id(message.account, message.idempotency)
        content = {
            "senderAddress": self._sender,
            # One recipient per message, passed as an object: "a@x, b@y" in a header would be two recipients.
            "recipients": {"to": [{"address": message.to}]},
            "content": {"subject": message.subject, "plainText": message.text, "html": message.html},
            "userEngagementTrackingDisabled": True,
            # No out-of-office notes (RFC 3834; Exchange has a header of its own), and no conversation of several codes,
            # in which an old one is read as the newest: mail programs group what has no reference of its own.
            "headers": {
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
                "X-Entity-Ref-ID": operation,
            },
        }
        # A 409: an earlier attempt at this message was accepted, since the operation with its id exists.
        with provider_errors(), suppress(ResourceExistsError):
            # No polling: by default the SDK would query the status in the background.
            await self._client.begin_send(content, operation_id=operation, polling=False)
