"""OpenLDAP, on a real slapd, and what every directory over LDAP has in common."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from local.slapd.entries import FAILURES
from shared.adapters.directories.ldap.directory import LdapDirectory
from shared.adapters.directories.ldap.link import Link
from shared.adapters.system import SystemClock
from shared.domain.account import DirectoryEntry
from shared.ports.directory import Capability
from tests.fakes.clock import FixedClock
from tests.slapd import DISABLED, Hand, a_directory, a_moment_later, binds

CAPABILITIES = frozenset(Capability) - {Capability.TEMPORARY_ACCESS_PASS}
MARKS = (pytest.mark.integration,)


@dataclass
class LdapSide:
    """Entries are made by the administrator of the directory. A sign-in costs binds."""

    directory: LdapDirectory
    hand: Hand
    cost: int = 0
    capabilities: frozenset[Capability] = CAPABILITIES
    has_its_own_clock: bool = True
    remembers: bool = True
    remembers_at_reset: bool = True
    transport: None = None
    administrators: list[str] = field(default_factory=list)

    async def create(self, name: str, password: str, *, roles: frozenset[str] = frozenset()) -> DirectoryEntry:
        self.hand.add(name, password)
        if roles:
            self.administrators.append(name)
            self.hand.administrators(*self.administrators)
        found = await self.directory.resolve(name)
        assert found is not None
        return found

    def holds(self, name: str, password: str) -> bool:
        raise NotImplementedError

    async def set_enabled(self, name: str, *, enabled: bool) -> None:
        self.hand.put(name, pwdAccountLockedTime="" if enabled else DISABLED)

    async def lock(self, name: str) -> None:
        """By failed sign-ins at another program."""
        for _ in range(FAILURES):
            binds(self.directory, "wrong", name)

    async def describe(self, name: str, **attributes: str) -> None:
        self.hand.put(name, **attributes)

    async def a_moment_later(self) -> None:
        await asyncio.to_thread(a_moment_later)


@asynccontextmanager
async def reached_side(request: pytest.FixtureRequest, made: type[Any], server: str, hand: str) -> AsyncIterator[Any]:
    """Yield the side of a directory over LDAP, which counts the binds of people."""
    by_hand, patch = request.getfixturevalue(hand), request.getfixturevalue("monkeypatch")
    reached = made(a_directory(request.getfixturevalue(server), SystemClock()), by_hand)
    bind = Link.bind

    def counted(link: Link, dn: str, password: str) -> Any:
        reached.cost += dn != reached.directory.options.bind_dn
        return bind(link, dn, password)

    patch.setattr(Link, "bind", counted)
    try:
        yield reached
    finally:
        await reached.directory.close()


@asynccontextmanager
async def side(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[LdapSide]:
    del clock  # the server has its own
    async with reached_side(request, LdapSide, "slapd", "hand") as reached:
        yield reached
