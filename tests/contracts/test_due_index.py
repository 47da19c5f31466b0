"""DueIndex: what is due by a day and nothing else, however often it was entered."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from shared.adapters.azure_tables.due_index import TableDueIndex
from shared.domain.account import AccountKey
from shared.ports.due_index import DueIndex
from tests.contracts.store import UnreliableTransport, a_table
from tests.fakes.due_index import MemoryDueIndex

TODAY = date(2026, 3, 2)


@pytest.fixture
async def due(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[DueIndex]:
    if kind == "memory":
        yield MemoryDueIndex()
        return
    async with a_table(request.getfixturevalue("storage")) as table:
        yield TableDueIndex(table)


async def entries(index: DueIndex) -> list[tuple[str, str]]:
    return sorted([entry async for entry in index.due(TODAY)])


async def test_today_and_everything_before_is_due(due: DueIndex) -> None:
    """Also what a missed run left over from last year; tomorrow's is not."""
    for day in ("20250714", "20260301", "20260302", "20260303", "20270101"):
        await due.add(day, AccountKey(f"account{day}"))
    assert [day for day, _ in await entries(due)] == ["20250714", "20260301", "20260302"]


async def test_every_account_of_a_day_is_found(due: DueIndex) -> None:
    """Whatever shard it fell into."""
    accounts = [AccountKey(f"account{n:02}") for n in range(40)]
    for account in accounts:
        await due.add("20260302", account)
    assert [account for _, account in await entries(due)] == accounts


async def test_entering_and_removing_are_idempotent(due: DueIndex) -> None:
    """Twice is once, and what is not there is no fault."""
    for _ in range(2):
        await due.add("20260302", AccountKey("a"))
    await due.add("20260301", AccountKey("a"))
    assert await entries(due) == [("20260301", "a"), ("20260302", "a")]
    for _ in range(2):
        await due.remove("20260301", AccountKey("a"))
    assert await entries(due) == [("20260302", "a")]


@pytest.mark.integration
async def test_what_is_not_due_costs_nothing(storage: str) -> None:
    """The same number of requests with two hundred later entries as with none (D10)."""
    transport = UnreliableTransport()
    async with a_table(storage, transport=transport) as table:
        index = TableDueIndex(table)
        await index.add("20260302", AccountKey("due"))
        costs = []
        for later in (0, 200):
            for n in range(later):
                await index.add(f"2027{n % 12 + 1:02}01", AccountKey(f"later{n}"))
            transport.requests.clear()
            assert await entries(index) == [("20260302", "due")]
            costs.append(transport.requests.total())
        assert costs[0] == costs[1]
