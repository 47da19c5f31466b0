"""Read the settings of the sign-in at Microsoft Entra ID: all of them, or none."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from shared.domain.entra_apps import EntraApps

TENANT, API, PAGE = "SESAME_ENTRA_TENANT", "SESAME_ENTRA_API", "SESAME_ENTRA_PAGE"
AUTHORITY = "SESAME_ENTRA_AUTHORITY"
ALL: Final = (TENANT, API, PAGE, AUTHORITY)
PUBLIC: Final = "https://login.microsoftonline.com"

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ORIGIN: Final = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")
_LOOPBACK: Final = ("127.0.0.1", "localhost")


def entra_apps(environ: Mapping[str, str], *, on_azure: bool) -> tuple[EntraApps | None, list[str]]:
    """Return the registrations and every fault. No setting means that nobody signs in with Microsoft."""
    given = {name: environ.get(name, "").strip().lower().rstrip("/") for name in ALL}
    if not any(given.values()):
        return None, []
    ids = (TENANT, API, PAGE)
    faults = [f"{name} is missing: the settings of this sign-in are set together" for name in ids if not given[name]]
    faults += [f"{name} must be a GUID" for name in ids if given[name] and not _GUID.fullmatch(given[name])]
    if given[API] and given[API] == given[PAGE]:  # an ID token of the page would then pass for a token of the API
        faults.append(f"{API} and {PAGE} must be two applications")
    authority = given[AUTHORITY] or PUBLIC
    local = urlsplit(authority).hostname in _LOOPBACK and not on_azure
    if not _ORIGIN.fullmatch(authority) or not (authority.startswith("https:") or local):
        faults.append(f"{AUTHORITY} must be an https address without a path")
    made = EntraApps(authority=authority, tenant=given[TENANT], api=given[API], page=given[PAGE])
    return (None if faults else made), faults
