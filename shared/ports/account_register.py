"""AccountRegister: making accounts, where the directory is our own."""

from typing import Protocol

from shared.domain.account import DirectoryEntry


class NameTaken(Exception):
    """Another account has this name."""


class AccountRegister(Protocol):
    """Only the embedded directory offers it; everywhere else accounts are made where they have always been made."""

    async def create(self, identifier: str, password: str, *, roles: frozenset[str]) -> DirectoryEntry:
        """Raises NameTaken."""
        ...
