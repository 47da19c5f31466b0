"""The managed identity that the service runs as: the one credential it has on Azure (D4)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential


def managed_identity(client_id: str | None) -> "AsyncTokenCredential":
    """The credential of the user-assigned identity, or of the system's where there is no client id.

    Asked for by name: the SDK's default chain would first try half a dozen ways that only exist on desks.
    """
    from azure.identity.aio import ManagedIdentityCredential

    return ManagedIdentityCredential(client_id=client_id)
