"""OptOuts: the newest event about a number stands, in whatever order events come and however often."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared.adapters.azure_tables.opt_outs import TableOptOuts
from shared.ports.opt_outs import OptOuts
from tests.contracts.store import a_table
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.opt_outs import MemoryOptOuts


@pytest.fixture
async def opt_outs(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[OptOuts]:
    if kind == "memory":
        yield MemoryOptOuts()
        return
    async with a_table(request.getfixturevalue("storage")) as table:
        yield TableOptOuts(table)


EVENTS = (("stop", 1, True), ("start", 2, False), ("stop again", 3, True))


async def test_the_newest_event_stands_in_every_order(opt_outs: OptOuts) -> None:
    """Each event twice. Only one that changes what stands says so; other numbers are not touched."""
    for number, order in enumerate(itertools.permutations(EVENTS)):
        stands, newest = False, 0
        for (_, minute, opted_out), _ in itertools.product(order, range(2)):
            changed = await opt_outs.note(f"n{number}", opted_out=opted_out, at=MONDAY_MORNING + timedelta(0, minute))
            assert changed is (minute > newest and opted_out is not stands)
            if minute > newest:
                newest, stands = minute, opted_out
            assert await opt_outs.stands(f"n{number}") is stands
        assert stands is True
    assert await opt_outs.stands("another") is False


async def test_a_start_of_a_number_that_never_stopped_is_kept(opt_outs: OptOuts) -> None:
    """The STOP before it may come later."""
    assert await opt_outs.note("n", opted_out=False, at=MONDAY_MORNING) is False
    assert await opt_outs.note("n", opted_out=True, at=MONDAY_MORNING - timedelta(seconds=1)) is False
    assert await opt_outs.stands("n") is False
