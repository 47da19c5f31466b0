"""Define the app registrations with which people sign in at Microsoft Entra ID."""

from dataclasses import dataclass
from typing import Final

SCOPE: Final = "access_as_user"
"""The only permission that the service exposes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntraApps:
    """The tenant, and the ids of two applications that are registered in it. All ids are GUIDs in lower case."""

    authority: str
    """The sign-in service of the cloud, such as `https://login.microsoftonline.com`, without a slash at the end."""
    tenant: str
    api: str
    """The application for which a token must have been issued: this service."""
    page: str
    """The application to which it must have been issued: the pages."""

    @property
    def issuer(self) -> str:
        """The `iss` of tokens of version 2.0."""
        return f"{self.authority}/{self.tenant}/v2.0"

    @property
    def keys(self) -> str:
        """The address of the keys that sign tokens. No token says where its key is (R-60)."""
        return f"{self.authority}/{self.tenant}/discovery/v2.0/keys"
