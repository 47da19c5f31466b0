"""Users as Graph tells them, as entries."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from shared.adapters.directories.entra.options import Options
from shared.domain.account import PROTECTED, DirectoryEntry, ManagedBy, ObjectId
from shared.domain.errors import InvalidInput
from shared.validation.identifier import CanonicalIdentifier, canonical_identifier

SELECT: Final = (
    "id,userPrincipalName,mail,accountEnabled,onPremisesSyncEnabled,userType,lastPasswordChangeDateTime,identities"
)
"""Graph leaves out most of these where they are not asked for, and a missing state would read as a harmless one."""
DIRECTORY_ROLE: Final = "#microsoft.graph.directoryRole"
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


def stamp_of(user: Mapping[str, Any]) -> tuple[str, datetime]:
    """Return the stamp of the password, and when it was set. It has whole seconds."""
    changed = user["lastPasswordChangeDateTime"]
    return (changed, datetime.fromisoformat(changed)) if changed else ("none", NO_PASSWORD)


def entry_of(
    user: Mapping[str, Any], names: tuple[str, ...], member_of: Mapping[str, Any], options: Options
) -> DirectoryEntry:
    """Return the entry. `member_of`: of what it is a member, which tells type and id with any permission.

    Raises KeyError if Graph leaves out what was asked for.
    """
    held = member_of["value"]
    has_role = any(one.get("@odata.type") == DIRECTORY_ROLE for one in held)
    groups = {str(one.get("id", "")).lower() for one in held}
    # With more groups than one page has, a role may be among the others.
    is_protected = has_role or bool(options.privileged & groups) or "@odata.nextLink" in member_of
    roles = {role.value: bool(ids & groups) for role, ids in options.role_groups.items()} | {PROTECTED: is_protected}
    enabled, managed_by = user["accountEnabled"] is True, _managed_by(user, has_role=has_role)
    (stamp, changed_at), known = stamp_of(user), frozenset(role for role, has in roles.items() if has)
    domains = (str(user.get(name) or "").rpartition("@")[2].lower() for name in ("userPrincipalName", "mail"))
    return DirectoryEntry(
        object_id=ObjectId(user["id"]),
        names=names,
        enabled=enabled,
        roles=known,
        password_changed_at=changed_at,
        password_stamp=stamp,
        revision=hashlib.sha256(f"{stamp}\n{enabled}\n{sorted(known)}\n{managed_by}".encode()).hexdigest()[:32],
        # The mailbox of an account opens with its password (M4). Other domains of the tenant are a setting.
        mail_domains=options.mail_domains | {domain for domain in domains if domain.isascii() and "." in domain},
        managed_by=managed_by,
    )


def _managed_by(user: Mapping[str, Any], *, has_role: bool) -> ManagedBy:
    """Return who manages the password. What Graph does not tell counts as somebody else."""
    signs_in = {identity.get("signInType") for identity in user["identities"] or ()}
    if user["userType"] != "Member" or "federated" in signs_in:
        return ManagedBy.ANOTHER_ORGANISATION
    if user["onPremisesSyncEnabled"]:
        return ManagedBy.ON_PREMISES
    return ManagedBy.ADMINISTRATORS if has_role else ManagedBy.THIS_DIRECTORY
