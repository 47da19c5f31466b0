"""The embedded directory, on real Azurite."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.adapters.directories.embedded import EmbeddedDirectory
from shared.ports.directory import Capability
from tests.contracts.directories._side import RegisterSide
from tests.contracts.store import UnreliableTransport, a_table
from tests.fakes.clock import FixedClock
from tests.fakes.hasher import CountingHasher
from tests.fakes.keys import a_keyring

CAPABILITIES = frozenset({Capability.CHECK_PASSWORD, Capability.CHANGE_PASSWORD})
MARKS = (pytest.mark.integration,)


@asynccontextmanager
async def side(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[RegisterSide]:
    transport, hasher = UnreliableTransport(), CountingHasher()
    async with a_table(request.getfixturevalue("storage"), transport=transport) as table:
        yield RegisterSide(EmbeddedDirectory(table, hasher, a_keyring(), clock), hasher, CAPABILITIES, transport)
