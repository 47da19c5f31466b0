"""Azure Communication Services: email, SMS and calls."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shared.adapters.acs.call_signatures import AUTHORITY, AcsCallSignatures
from shared.adapters.acs.calls import AcsCalls
from shared.adapters.acs.email_channel import AcsEmailChannel
from shared.adapters.acs.sms_channel import AcsSmsChannel

if TYPE_CHECKING:
    from azure.core.pipeline.transport import AsyncHttpTransport

    from shared.domain.calls import Line
    from shared.domain.senders import Sender
    from shared.ports.channel import Channel


class Acs:
    """The adapters of one resource. The access key is used locally (the settings refuse one on Azure), else the
    identity.
    """

    def __init__(
        self,
        endpoint: str,
        access_key: str | None,
        email_sender: str,
        senders: "Sequence[Sender]",
        line: "Line | None",
        identity: Callable[[], Any],
        transport: "AsyncHttpTransport[Any, Any]",
    ) -> None:
        def credential() -> Any:
            if access_key is None:
                return identity()
            from azure.core.credentials import AzureKeyCredential

            return AzureKeyCredential(access_key)

        self.channels: dict[str, Channel] = {
            "email": AcsEmailChannel(endpoint, credential, email_sender, transport),
            "sms": AcsSmsChannel(endpoint, credential, senders, transport),
        }
        self.calls = AcsCalls(endpoint, credential, line, transport)
        # The stand-in of the local stack signs with keys of its own.
        authority = endpoint.rstrip("/") if urlsplit(endpoint).scheme == "http" else AUTHORITY
        self.call_signatures = AcsCallSignatures(authority, line.resource if line else "", transport)
