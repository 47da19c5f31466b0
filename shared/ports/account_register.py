"""AccountRegister: creates accounts in a directory that belongs to the service."""

from typing import Protocol

from shared.domain.account import DirectoryEntry


class NameTaken(Exception):
    """Another account has this name."""


class AccountRegister(Protocol):
    """Only the embedded directory implements it. In other directories, accounts are created by their own tools."""

    async def create(self, identifier: str, password: str | None, *, roles: frozenset[str]) -> DirectoryEntry:
        """Create an account; None: without a password, with which nobody can sign in. Raises NameTaken."""
        ...

    async def set_enabled(self, identifier: str, *, enabled: bool) -> None:
        """Disable or enable an entry. Raises AccountChanged when there is none, or it changed meanwhile."""
        ...
