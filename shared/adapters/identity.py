"""The Azure identity of the service: its managed identity. For operators' commands: the user signed in to `az` (D4)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.pipeline.transport import AsyncHttpTransport


def identity(
    *, managed: bool, client_id: str | None, transport: "AsyncHttpTransport[Any, Any]"
) -> "AsyncTokenCredential":
    """Return the credential, chosen explicitly: the SDK's default chain would try several others first.

    `client_id` selects a user-assigned identity. Where there is no managed one, only operators' commands run, such as
    creating the first administrator. They run `az`, which makes its own requests.
    """
    if not managed:
        from azure.identity.aio import AzureCliCredential

        return AzureCliCredential()
    from azure.identity.aio import ManagedIdentityCredential

    return ManagedIdentityCredential(client_id=client_id, transport=transport)
