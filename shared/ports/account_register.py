"""AccountRegister: creates accounts in a directory that belongs to the service."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.account import AccountKey, DirectoryEntry, ObjectId


class NameTaken(Exception):
    """Another account has this name."""


class AccountRegister(Protocol):
    """Only the embedded directory implements it. In other directories, accounts are created by their own tools."""

    async def create(
        self, identifier: str, password: str | None, *, roles: frozenset[str], object_id: ObjectId | None = None
    ) -> DirectoryEntry:
        """Create an account; None: without a password, with which nobody can sign in. Raises NameTaken.

        With an id, an account that has this id and name already is returned as it is: then the same work is repeated.
        """
        ...

    async def held(self, account: AccountKey) -> DirectoryEntry | None:
        """Return the entry of the account, or None. A name of it never moves to another one. Raises StoreLost."""
        ...

    async def following(self, account: str, most: int) -> Sequence[tuple[AccountKey, DirectoryEntry]]:
        """Return the next accounts in the order of their keys, at most so many. Raises StoreLost."""
        ...

    async def set_enabled(self, identifier: str, *, enabled: bool) -> None:
        """Disable or enable an entry. Raises AccountChanged when there is none, or it changed meanwhile."""
        ...
