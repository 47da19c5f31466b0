"""The credential: the managed identity on Azure, the operator's own sign-in elsewhere."""

from azure.identity.aio import AzureCliCredential, ManagedIdentityCredential

from shared.adapters.azure_transport import SharedTransport
from shared.adapters.identity import identity


async def test_on_azure_the_credential_is_the_managed_identity() -> None:
    """No chain of credentials is tried, and no key is used."""
    credential = identity(managed=True, client_id="00000000-0000-0000-0000-000000000001", transport=SharedTransport())
    assert isinstance(credential, ManagedIdentityCredential)
    await credential.close()


async def test_outside_azure_the_credential_is_the_az_sign_in() -> None:
    """An operator can create the first administrator without a shared key."""
    credential = identity(managed=False, client_id=None, transport=SharedTransport())
    assert isinstance(credential, AzureCliCredential)
    await credential.close()
