"""The tokens that a person's sign-in gives to a page, version 2.0 (Microsoft, "Access token claims reference")."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from local.entra.tokens import SECONDS

SCOPE: Final = "access_as_user"
DATED_BACK: Final = 300
"""Seconds by which the platform dates its tokens back."""


def _guid() -> str:
    return str(uuid.uuid4())


@dataclass
class Apps:
    """The two registrations: the API with its scope, and the page with the addresses to which it may be sent back."""

    api: str = field(default_factory=_guid)
    page: str = field(default_factory=_guid)
    redirects: tuple[str, ...] = ()
    asks_for_auth_time: bool = True
    """Whether the API's registration asks for the optional claim `auth_time`."""
    app_roles: dict[str, list[str]] = field(default_factory=dict)
    """By the id of a person."""


@dataclass(frozen=True)
class Signing:
    """Somebody who has proved who they are: to whom, and when (seconds since 1970)."""

    tenant: str
    issuer: str
    person: str
    name: str
    at: int


def access_claims(apps: Apps, who: Signing, now: int | None = None) -> dict[str, Any]:
    """Return the claims of a token for the API."""
    now = int(time.time()) if now is None else now
    roles = apps.app_roles.get(who.person)
    return {
        **_times(now),
        "aud": apps.api,
        "iss": who.issuer,
        "azp": apps.page,
        "azpacr": "0",
        "oid": who.person,
        "sub": _guid(),
        "tid": who.tenant,
        "uti": _guid(),
        "ver": "2.0",
        "scp": SCOPE,
        "name": who.name.partition("@")[0],
        "preferred_username": who.name,
        **({"roles": roles} if roles else {}),
        **({"auth_time": who.at} if apps.asks_for_auth_time else {}),
    }


def id_claims(apps: Apps, who: Signing, nonce: str) -> dict[str, Any]:
    """Return the claims of the page's ID token. The service must take none of these for a token of the API."""
    wanted = ("iss", "tid", "oid", "sub", "name", "preferred_username", "ver", "uti", "auth_time")
    claims = access_claims(apps, who)
    return {**_times(int(time.time())), "aud": apps.page, "nonce": nonce} | {
        name: claims[name] for name in wanted if name in claims
    }


def _times(now: int) -> dict[str, int]:
    return {"iat": now - DATED_BACK, "nbf": now - DATED_BACK, "exp": now - DATED_BACK + SECONDS}
