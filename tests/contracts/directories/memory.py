"""The fake."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.ports.directory import Capability
from tests.contracts.directories._side import RegisterSide
from tests.fakes.clock import FixedClock
from tests.fakes.directory import MemoryDirectory

CAPABILITIES = frozenset(Capability)


@asynccontextmanager
async def side(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[RegisterSide]:
    del request
    memory = MemoryDirectory(clock)
    yield RegisterSide(memory, memory, CAPABILITIES)
