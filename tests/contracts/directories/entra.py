"""Microsoft Entra, on the stand-in for a tenant."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from local.entra.tenant import GLOBAL_ADMINISTRATOR, User
from shared.adapters.directories.entra.directory import EntraDirectory
from shared.domain.account import DirectoryEntry
from shared.ports.directory import Capability
from tests.entra import Hand, reached
from tests.fakes.clock import FixedClock

CAPABILITIES = frozenset({Capability.ATTRIBUTES, Capability.TEMPORARY_ACCESS_PASS})


@dataclass
class EntraSide:
    """Users are made by the administrator of the tenant. Nobody signs in here, so that it costs nothing."""

    directory: EntraDirectory
    hand: Hand
    cost: int = 0
    capabilities: frozenset[Capability] = CAPABILITIES
    has_its_own_clock: bool = True
    remembers: bool = False
    remembers_at_reset: bool = False
    transport: None = None

    def user(self, name: str) -> User:
        return next(user for user in self.hand.tenant.users if user.name == name)

    async def create(self, name: str, password: str, *, roles: frozenset[str] = frozenset()) -> DirectoryEntry:
        self.hand.add(name, password, roles=frozenset({GLOBAL_ADMINISTRATOR} if roles else ()))
        found = await self.directory.resolve(name)
        assert found is not None
        return found

    def holds(self, name: str, password: str) -> bool:
        return self.user(name).password == password

    async def set_enabled(self, name: str, *, enabled: bool) -> None:
        self.user(name).enabled = enabled

    async def lock(self, name: str) -> None:
        raise NotImplementedError

    async def describe(self, name: str, **attributes: str) -> None:
        self.user(name).mobile_phone = attributes["mobile"]
        self.user(name).email_methods = (attributes["mail"],)

    async def a_moment_later(self) -> None:
        """Its times have whole seconds."""
        now = self.hand.tenant.now
        self.hand.tenant.now = lambda: now() + dt.timedelta(seconds=1)


@asynccontextmanager
async def side(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[EntraSide]:
    del clock  # it has its own
    async with reached(request.getfixturevalue("monkeypatch")) as (directory, hand):
        yield EntraSide(directory, hand)
