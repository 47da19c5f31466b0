"""Who the service is towards Azure: its managed identity; at an operator's desk, whoever is signed in to `az` (D4)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential


def identity(*, on_azure: bool, client_id: str | None) -> "AsyncTokenCredential":
    """The one credential, asked for by name: the SDK's default chain would try half a dozen ways first.

    `client_id` names a user-assigned identity. Away from Azure only operators' commands run, such as making the first
    administrator.
    """
    if not on_azure:
        from azure.identity.aio import AzureCliCredential

        return AzureCliCredential()
    from azure.identity.aio import ManagedIdentityCredential

    return ManagedIdentityCredential(client_id=client_id)
