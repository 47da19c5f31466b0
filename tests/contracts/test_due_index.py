"""DueIndex: returns what is due by a day and nothing else, however often it was added."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest

from shared.adapters.azure_tables.due_index import TableDueIndex
from shared.domain.account import AccountKey
from shared.ports.due_index import DueIndex
from tests.contracts.store import UnreliableTransport, a_table
from tests.fakes.due_index import MemoryDueIndex

pytestmark = pytest.mark.short_pages

TODAY = date(2026, 3, 2)


@pytest.fixture
async def due(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[DueIndex]:
    if kind == "memory":
        yield MemoryDueIndex()
        return
    async with a_table(request.getfixturevalue("storage")) as table:
        yield TableDueIndex(table, "kind")


async def entries(index: DueIndex) -> list[tuple[str, str]]:
    return sorted([entry async for entry in index.due(TODAY)])


async def test_entries_due_today_and_earlier_are_returned(due: DueIndex) -> None:
    """Also entries of last year that a missed run left over, but none of tomorrow."""
    for day in ("20250714", "20260301", "20260302", "20260303", "20270101"):
        await due.add(day, AccountKey(f"account{day}"))
    assert [day for day, _ in await entries(due)] == ["20250714", "20260301", "20260302"]


async def test_an_index_by_hour_is_read_to_this_hour(due: DueIndex) -> None:
    """An entry of a later hour is not read, and a day that an earlier build wrote is due with its first hour."""
    for hour in ("2026030123", "20260302", "2026030207", "2026030208", "2026030300", "20260303"):
        await due.add(hour, AccountKey("a"))
    found = [hour async for hour, _ in due.due(datetime(2026, 3, 2, 7, 59, tzinfo=UTC))]
    assert found == ["2026030123", "20260302", "2026030207"]


async def test_every_account_due_on_a_day_is_returned(due: DueIndex) -> None:
    """In every shard of the day."""
    accounts = [AccountKey(f"account{n:02}") for n in range(40)]
    for account in accounts:
        await due.add("20260302", account)
    assert [account for _, account in await entries(due)] == accounts


async def test_adding_and_removing_a_due_entry_are_idempotent(due: DueIndex) -> None:
    """Adding twice adds one entry, and removing a missing entry is not an error."""
    for _ in range(2):
        await due.add("20260302", AccountKey("a"))
    await due.add("20260301", AccountKey("a"))
    assert await entries(due) == [("20260301", "a"), ("20260302", "a")]
    for _ in range(2):
        await due.remove("20260301", AccountKey("a"))
    assert await entries(due) == [("20260302", "a")]


@pytest.mark.integration
async def test_entries_that_are_not_due_cost_no_request(storage: str) -> None:
    """The number of requests is the same with two hundred later entries as with none (D10)."""
    transport = UnreliableTransport()
    async with a_table(storage, transport=transport) as table:
        index = TableDueIndex(table, "kind")
        await index.add("20260302", AccountKey("due"))
        costs = []
        for later in (0, 200):
            for n in range(later):
                await index.add(f"2027{n % 12 + 1:02}01", AccountKey(f"later{n}"))
            transport.requests.clear()
            assert await entries(index) == [("20260302", "due")]
            costs.append(transport.requests.total())
        assert costs[0] == costs[1]
