"""The fake."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.contracts.directories._side import RegisterSide
from tests.fakes.clock import FixedClock
from tests.fakes.directory import MemoryDirectory


@asynccontextmanager
async def side(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[RegisterSide]:
    del request
    memory = MemoryDirectory(clock)
    yield RegisterSide(memory, memory)
