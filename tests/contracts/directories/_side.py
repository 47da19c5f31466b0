"""A directory under test: the port, and what a test needs beside it."""

from dataclasses import dataclass
from typing import Any, Protocol

from shared.domain.account import DirectoryEntry
from shared.ports.directory import Attributes, Capability, Directory
from tests.contracts.store import UnreliableTransport

FIRST, SECOND, THIRD = "The first one that it had", "The second one that it got", "A third one, quite long"


class Side(Protocol):
    """The suite asks for accounts and costs here, since not every directory makes accounts or computes hashes."""

    directory: Directory

    async def create(self, name: str, password: str, *, roles: frozenset[str] = frozenset()) -> DirectoryEntry:
        """Make an enabled entry, as an administrator of that directory does."""
        ...

    def holds(self, name: str, password: str) -> bool:
        """Whether the entry has that password. For directories that check none."""
        ...

    async def set_enabled(self, name: str, *, enabled: bool) -> None:
        """Disable or enable an entry, as an administrator of that directory does."""
        ...

    async def lock(self, name: str) -> None:
        """Lock an entry, as failed sign-ins do. For directories that can unlock."""
        ...

    async def describe(self, name: str, **attributes: str) -> None:
        """Set attributes of an entry: `mobile`, `mail`. For directories that have some."""
        ...

    async def a_moment_later(self) -> None:
        """Wait until the directory's clock tells another time than before."""
        ...

    capabilities: frozenset[Capability]
    has_its_own_clock: bool
    remembers: bool
    """Whether it refuses the password before, when a person changes it."""
    remembers_at_reset: bool
    """Whether it does in a reset too."""

    @property
    def cost(self) -> Any:
        """What signing in has cost so far: hashes, or requests to a server. Compared with ==, and subtracted."""
        ...


@dataclass
class RegisterSide:
    """The side of a directory that makes accounts itself and counts its hashes."""

    directory: Any
    counter: Any
    capabilities: frozenset[Capability]
    transport: UnreliableTransport | None = None

    async def create(self, name: str, password: str | None, *, roles: frozenset[str] = frozenset()) -> DirectoryEntry:
        created: DirectoryEntry = await self.directory.create(name, password, roles=roles)
        return created

    has_its_own_clock = False
    remembers = remembers_at_reset = False

    def holds(self, name: str, password: str) -> bool:
        raise NotImplementedError

    async def lock(self, name: str) -> None:
        self.directory.lock(name)

    async def describe(self, name: str, **attributes: str) -> None:
        self.directory.known[name] = Attributes(mobile_phone=attributes["mobile"], email=attributes["mail"])

    async def a_moment_later(self) -> None:
        """The clock of the test moves on by itself alone."""

    async def set_enabled(self, name: str, *, enabled: bool) -> None:
        await self.directory.set_enabled(name, enabled=enabled)

    @property
    def cost(self) -> int:
        return int(self.counter.hashes)
