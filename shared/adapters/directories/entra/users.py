"""Users as Graph tells them, as entries."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from shared.adapters.directories.entra.options import Options
from shared.domain.account import ADMINISTRATOR, DirectoryEntry, ManagedBy, ObjectId
from shared.domain.errors import InvalidInput
from shared.validation.identifier import CanonicalIdentifier, canonical_identifier

SELECT: Final = (
    "id,userPrincipalName,mail,accountEnabled,onPremisesSyncEnabled,userType,lastPasswordChangeDateTime,identities"
)
"""Graph leaves out most of these where they are not asked for, and a missing state would read as a harmless one."""
DIRECTORY_ROLE: Final = "#microsoft.graph.directoryRole"
ROLE: Final = "directory_role"
"""The role of whoever has any role in the directory."""
PRIVILEGED: Final = "privileged"
NO_PASSWORD: Final = datetime(1970, 1, 1, tzinfo=UTC)


def canonical(text: str) -> CanonicalIdentifier | None:
    """Return the canonical form of a name, or None for what cannot be one."""
    try:
        return canonical_identifier(text)
    except InvalidInput:
        return None


def names_of(user: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of a user, the one to show first."""
    forms = (canonical(user[name]) for name in ("userPrincipalName", "mail") if user.get(name))
    return tuple(dict.fromkeys(form for form in forms if form))


def roles_of(member_of: Collection[Mapping[str, Any]], options: Options) -> frozenset[str]:
    """Return the roles of a user. Everything that it is a member of tells its type and its id, with any permission."""
    kinds, ids = {one.get("@odata.type") for one in member_of}, {str(one.get("id", "")).lower() for one in member_of}
    found = {
        ROLE: DIRECTORY_ROLE in kinds,
        ADMINISTRATOR: bool(options.administrators & ids),
        PRIVILEGED: bool(options.privileged & ids),
    }
    return frozenset(role for role, held in found.items() if held)


def entry_of(
    user: Mapping[str, Any], names: tuple[str, ...], roles: frozenset[str], options: Options
) -> DirectoryEntry:
    """Return the entry. Raises KeyError if Graph leaves out what was asked for."""
    changed = user["lastPasswordChangeDateTime"]
    stamp, enabled, managed_by = changed or "none", user["accountEnabled"] is True, _managed_by(user, roles)
    domains = (str(user.get(name) or "").rpartition("@")[2].lower() for name in ("userPrincipalName", "mail"))
    return DirectoryEntry(
        object_id=ObjectId(user["id"]),
        names=names,
        enabled=enabled,
        roles=roles,
        password_changed_at=datetime.fromisoformat(changed) if changed else NO_PASSWORD,
        password_stamp=stamp,
        revision=hashlib.sha256(f"{stamp}\n{enabled}\n{sorted(roles)}\n{managed_by}".encode()).hexdigest()[:32],
        # The mailbox of an account opens with its password (M4). Other domains of the tenant are a setting.
        mail_domains=options.mail_domains | {domain for domain in domains if domain.isascii() and "." in domain},
        managed_by=managed_by,
    )


def _managed_by(user: Mapping[str, Any], roles: frozenset[str]) -> ManagedBy:
    """Return who manages the password. What Graph does not tell counts as somebody else."""
    signs_in = {identity.get("signInType") for identity in user["identities"] or ()}
    if user["userType"] != "Member" or "federated" in signs_in:
        return ManagedBy.ANOTHER_ORGANISATION
    if user["onPremisesSyncEnabled"]:
        return ManagedBy.ON_PREMISES
    return ManagedBy.ADMINISTRATORS if ROLE in roles else ManagedBy.THIS_DIRECTORY
