"""Directory: the system that owns accounts and passwords."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.account import DirectoryEntry, ObjectId
from shared.domain.errors import TryAgain


class PasswordNotTaken(Exception):
    """The directory's own policy refuses the password, definitely; `reasons` are stable words."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = tuple(reasons)


class AccountChanged(Exception):
    """The account is not as it was read (disabled, removed, another password): definitely nothing was written."""


class DirectoryUnknown(Exception):
    """No answer to a write: the password may or may not be set. Never retried (rule 11)."""


class DirectoryLost(TryAgain):
    """The directory cannot be reached for a read; nothing was changed."""


class Directory(Protocol):
    """Reads by name or immutable id; writes by immutable id only."""

    async def authenticate(self, identifier: str, password: str) -> DirectoryEntry | None:
        """The enabled account that these open, else None. An unknown name costs the same hash as a known one."""
        ...

    async def resolve(self, identifier: str) -> DirectoryEntry | None:
        """The one account that the name belongs to now; None for none, and for two (rule 8)."""
        ...

    async def find(self, object_id: ObjectId) -> DirectoryEntry | None:
        """The account as it stands now, or None. Raises DirectoryLost."""
        ...

    async def set_password(self, account: DirectoryEntry, password: str) -> None:
        """Write it if the account is still as read. Raises PasswordNotTaken, AccountChanged, DirectoryUnknown."""
        ...
