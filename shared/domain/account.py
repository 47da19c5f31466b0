"""Accounts: the keys they go by here, and the entry that a directory holds for one."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

ObjectId = NewType("ObjectId", str)
"""The directory's immutable id (objectGUID, entryUUID, oid; embedded: random). Never a name, a DN or an address."""

AccountKey = NewType("AccountKey", str)
"""Partition key of everything we keep about an account: a keyed hash, so that it may stand in storage logs."""

ADMINISTRATOR = "administrator"
"""The one role this build knows; the word that sessions and `stack.json` carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryEntry:
    """One entry of a directory, as it stands now."""

    object_id: ObjectId
    names: tuple[str, ...]
    """Every name the directory knows it by, as canonical identifiers; the first is the one to show."""
    enabled: bool
    roles: frozenset[str]
    password_changed_at: datetime
    revision: str
    """Opaque: lets the directory's adapter refuse to write over a change that happened since this was read."""

    @property
    def is_privileged(self) -> bool:
        """Whether stricter gates apply, whatever the policy for everybody says (R-28)."""
        return bool(self.roles)
