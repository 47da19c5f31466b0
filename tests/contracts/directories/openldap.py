"""OpenLDAP, on a real slapd."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.adapters.directories.ldap.link import Link
from shared.adapters.directories.ldap.openldap import OpenLdapDirectory
from shared.adapters.system import SystemClock
from shared.domain.account import DirectoryEntry
from shared.ports.directory import Capability
from tests.fakes.clock import FixedClock
from tests.slapd import DISABLED, Hand, a_directory, a_moment_later

CAPABILITIES = frozenset(Capability) - {Capability.TEMPORARY_ACCESS_PASS}
MARKS = (pytest.mark.integration,)


@dataclass
class SlapdSide:
    """Entries are made by the administrator of the directory. A sign-in costs binds."""

    directory: OpenLdapDirectory
    hand: Hand
    cost: int = 0
    capabilities: frozenset[Capability] = CAPABILITIES
    has_its_own_clock: bool = True
    remembers: bool = True
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
        entry = await self.directory.resolve(name)
        assert entry is not None
        for _ in range(6):
            link = Link(self.directory.options.servers[0], self.directory.options.authority)
            link.bind(f"uid={name},ou=people,dc=example,dc=org", "wrong")
            link.close()

    async def describe(self, name: str, **attributes: str) -> None:
        self.hand.put(name, **attributes)

    async def a_moment_later(self) -> None:
        await asyncio.to_thread(a_moment_later)


@asynccontextmanager
async def side(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[SlapdSide]:
    del clock  # the server has its own
    hand, patch = request.getfixturevalue("hand"), request.getfixturevalue("monkeypatch")
    reached = SlapdSide(a_directory(request.getfixturevalue("slapd"), SystemClock()), hand)
    bind = Link.bind

    def counted(link: Link, dn: str, password: str) -> Any:
        reached.cost += dn != reached.directory.options.bind_dn
        return bind(link, dn, password)

    patch.setattr(Link, "bind", counted)
    try:
        yield reached
    finally:
        await reached.directory.close()
