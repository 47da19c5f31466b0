"""A directory under test: the port, and what a test needs beside it."""

from dataclasses import dataclass
from typing import Any, Protocol

from shared.domain.account import DirectoryEntry
from shared.ports.directory import Directory
from tests.contracts.store import UnreliableTransport

FIRST, SECOND = "the first password it had", "the second password it got"


class Side(Protocol):
    """The suite asks for accounts and costs here, since not every directory makes accounts or computes hashes."""

    directory: Directory

    async def create(self, name: str, password: str, *, roles: frozenset[str] = frozenset()) -> DirectoryEntry:
        """Make an enabled entry, as an administrator of that directory does."""
        ...

    async def set_enabled(self, name: str, *, enabled: bool) -> None:
        """Disable or enable an entry, as an administrator of that directory does."""
        ...

    @property
    def cost(self) -> Any:
        """What signing in has cost so far: hashes, or requests to a server. Compared with ==, and subtracted."""
        ...


@dataclass
class RegisterSide:
    """The side of a directory that makes accounts itself and counts its hashes."""

    directory: Any
    counter: Any
    transport: UnreliableTransport | None = None

    async def create(self, name: str, password: str, *, roles: frozenset[str] = frozenset()) -> DirectoryEntry:
        created: DirectoryEntry = await self.directory.create(name, password, roles=roles)
        return created

    async def set_enabled(self, name: str, *, enabled: bool) -> None:
        await self.directory.set_enabled(name, enabled=enabled)

    @property
    def cost(self) -> int:
        return int(self.counter.hashes)
