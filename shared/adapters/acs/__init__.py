"""Azure Communication Services: email and SMS."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from shared.adapters.acs.email_channel import AcsEmailChannel
from shared.adapters.acs.sms_channel import AcsSmsChannel

if TYPE_CHECKING:
    from azure.core.pipeline.transport import AsyncHttpTransport

    from shared.domain.senders import Sender
    from shared.ports.channel import Channel


def channels(
    endpoint: str,
    access_key: str | None,
    identity: Callable[[], Any],
    *,
    email_sender: str,
    senders: "Sequence[Sender]",
    transport: "AsyncHttpTransport[Any, Any]",
) -> "dict[str, Channel]":
    """Return the channels. The access key is used locally (the settings refuse one on Azure), else the identity."""

    def credential() -> Any:
        if access_key is None:
            return identity()
        from azure.core.credentials import AzureKeyCredential

        return AzureKeyCredential(access_key)

    return {
        "email": AcsEmailChannel(endpoint, credential, email_sender, transport),
        "sms": AcsSmsChannel(endpoint, credential, senders, transport),
    }
