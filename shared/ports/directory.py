"""Directory: the system that owns accounts and passwords."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.account import DirectoryEntry, ObjectId
from shared.domain.limits import Rate


class PasswordNotTaken(Exception):
    """The directory's own policy refused the password; nothing was written. `reasons` are fixed words."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = tuple(reasons)


class AccountChanged(Exception):
    """The account changed since it was read (disabled, removed, another password); nothing was written."""


class DirectoryUnknown(Exception):
    """No response to a write: the password may or may not have been set. Never retried (rule 11)."""


class Directory(Protocol):
    """Reads by name or immutable id; writes by immutable id only."""

    @property
    def lockout(self) -> Rate | None:
        """The failed sign-ins at which the directory itself locks an account. None if it never does (rule 18)."""
        ...

    async def authenticate(self, identifier: str, password: str) -> DirectoryEntry | None:
        """Return the enabled account if the password is right, else None.

        An unknown name costs the same hash as a known one.
        """
        ...

    async def resolve(self, identifier: str) -> DirectoryEntry | None:
        """Return the account that the name belongs to now; None if there is none, or more than one (rule 8)."""
        ...

    async def find(self, object_id: ObjectId) -> DirectoryEntry | None:
        """Return the current state of the account, or None. Raises TryAgain."""
        ...

    async def set_password(self, account: DirectoryEntry, password: str) -> str:
        """Set the password if the account has not changed, and return the stamp of the new one.

        The stamp is empty where it is not certain that this write made it: then the person signs in again (rule 12).
        Raises PasswordNotTaken, AccountChanged, DirectoryUnknown.
        """
        ...
