"""Directory: the system that owns accounts and passwords."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from shared.domain.account import DirectoryEntry, ObjectId
from shared.domain.errors import TryAgain
from shared.domain.limits import Rate


class Capability(StrEnum):
    """What not every directory can do. A method whose capability is absent raises NotSupported."""

    CHECK_PASSWORD = "check_password"  # noqa: S105  a name, not a password
    CHANGE_PASSWORD = "change_password"  # noqa: S105  a name, not a password
    UNLOCK = "unlock"
    ATTRIBUTES = "attributes"
    TEMPORARY_ACCESS_PASS = "temporary_access_pass"  # noqa: S105  a name, not a password


class NotSupported(Exception):
    """This directory cannot do it, now or later. Nothing was asked and nothing was written."""


class PasswordNotTaken(Exception):
    """The directory's own policy refused the password; nothing was written. `reasons` are fixed words."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = tuple(reasons)


class WrongPassword(Exception):
    """The current password is not right; nothing was written."""


class AccountChanged(Exception):
    """The account changed since it was read (disabled, removed, another password); nothing was written."""


class DirectoryUnknown(Exception):
    """No response to a write: the password may or may not have been set. Never retried (rule 11)."""


class DirectoryLost(TryAgain):
    """The directory cannot be asked, or refuses a write for a reason of its own. Nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What the directory has beside the password, as it is written there. Nothing of it proves anything."""

    mobile_phone: str = ""
    office_phone: str = ""
    email: str = ""
    language: str = ""
    manager: str = ""
    """How the directory names the entry of the manager."""
    groups: tuple[str, ...] = ()


class Directory(Protocol):
    """Reads by name or immutable id; writes by immutable id only. Every method raises DirectoryLost."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do. Pages and use-cases offer nothing else."""
        ...

    async def lockout(self) -> Rate | None:
        """Return the failed sign-ins at which the directory itself locks an account. None if it never does (rule 18).

        Where accounts have different policies, the strictest of each value.
        """
        ...

    async def authenticate(self, identifier: str, password: str) -> DirectoryEntry | None:
        """Return the enabled account if the password is right, else None.

        For a right password alone, `password_state` of the entry says whether it has expired or must be changed. An
        unknown name costs the same as a known one. Raises NotSupported.
        """
        ...

    async def resolve(self, identifier: str) -> DirectoryEntry | None:
        """Return the account that the name belongs to now; None if there is none, or more than one (rule 8)."""
        ...

    async def find(self, object_id: ObjectId) -> DirectoryEntry | None:
        """Return the current state of the account, or None."""
        ...

    async def set_password(self, account: DirectoryEntry, password: str) -> str:
        """Set the password if the account has not changed, and return the stamp of the new one.

        Afterwards the directory counts no failed sign-ins from before, like this service (rule 18).

        The stamp is empty where it is not certain that this write made it: then the person signs in again (rule 12).
        Raises PasswordNotTaken, AccountChanged, DirectoryUnknown.
        """
        ...

    async def change_password(self, account: DirectoryEntry, current: str, password: str) -> str:
        """Set the password as the person, who knows the current one, and return the stamp as `set_password` does.

        History and minimum age of the directory apply. It works with a password that has expired or must be changed.
        `current` need not be checked again for an entry that `authenticate` returned and that has not changed since.
        Raises WrongPassword, PasswordNotTaken, AccountChanged, DirectoryUnknown, NotSupported.
        """
        ...

    async def unlock(self, account: DirectoryEntry) -> None:
        """End a lock that failed sign-ins caused, if the account has not changed. The password stays.

        Failed sign-ins from before count no more, as after a new password.

        Raises AccountChanged, DirectoryUnknown, NotSupported.
        """
        ...

    async def issue_temporary_access_pass(self, account: DirectoryEntry, life: timedelta) -> str:
        """Issue a pass that signs in once, within `life` (whole minutes), and return it. It replaces an earlier one.

        The password stays. Raises AccountChanged, DirectoryUnknown, NotSupported.
        """
        ...

    async def attributes(self, account: DirectoryEntry) -> Attributes:
        """Return what the directory has about the person. Raises NotSupported."""
        ...
