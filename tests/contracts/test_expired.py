"""Expired: what has expired is deleted and nothing else, at a cost that does not depend on what is kept."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from azure.data.tables.aio import TableServiceClient

from shared.adapters.azure_tables._periods import PeriodTables
from shared.adapters.azure_tables.expiring import ExpiringTables
from shared.adapters.azure_tables.people import TablePeople
from shared.adapters.azure_tables.rate_limiter import TableRateLimiter
from shared.domain.limits import Rate
from shared.domain.periods import week_of
from shared.domain.person import Person
from tests.builders import an_attempt
from tests.contracts.store import UnreliableTransport, a_service, a_table
from tests.fakes.clock import FixedClock
from tests.fakes.keys import a_keyring

pytestmark = pytest.mark.integration

HOUR = Rate(1, timedelta(hours=1))


@pytest.fixture
def transport() -> UnreliableTransport:
    return UnreliableTransport()


@pytest.fixture
async def service(storage: str, transport: UnreliableTransport) -> AsyncIterator[TableServiceClient]:
    async with a_service(storage, transport) as service:
        yield service


@pytest.mark.parametrize(("kind", "days"), [("counters", (13, 15)), ("imports", (13, 15)), ("audit", (365, 396))])
async def test_a_period_is_dropped_once_it_has_ended_for_long_enough(
    service: TableServiceClient, clock: FixedClock, kind: str, days: tuple[int, int]
) -> None:
    """Counters and imports after one to two weeks, audit events after a year and up to a month (R-105)."""
    tables: PeriodTables = getattr(ExpiringTables.of(service), kind)
    kept_until, gone_by = days
    began = clock.now()
    await tables.at(began).insert("partition", "row", {})
    clock.move(days=kept_until)
    await tables.purge(clock.now())
    assert await tables.at(began).read("partition", "row")
    clock.move(days=gone_by - kept_until)
    assert await tables.purge(clock.now()) >= 1
    assert await tables.at(began).read("partition", "row") is None
    assert await tables.purge(clock.now()) == 0


async def test_a_purge_costs_the_same_for_one_row_and_for_many(
    service: TableServiceClient, clock: FixedClock, transport: UnreliableTransport
) -> None:
    """A call to list the tables, one to create the next, and one for each table to drop."""
    tables, costs = ExpiringTables.of(service).counters, []
    for rows in (1, 300):
        await tables.purge(clock.now())
        for first in range(0, rows, 100):
            portion = [(f"row{number}", {}) for number in range(first, min(rows, first + 100))]
            await tables.at(clock.now()).insert_together("partition", portion)
        clock.move(days=14)
        transport.requests.clear()
        assert await tables.purge(clock.now()) == 1
        costs.append(transport.requests.total())
    assert costs[0] == costs[1]


async def test_the_next_table_exists_before_its_period_begins(
    service: TableServiceClient, clock: FixedClock, transport: UnreliableTransport
) -> None:
    """The first request of a week takes no longer than others: strangers could tell known from unknown names by it."""
    tables = ExpiringTables.of(service).strangers
    clock.move(days=6)  # Sunday
    await tables.purge(clock.now())
    clock.move(days=1)
    transport.requests.clear()
    await tables.at(clock.now()).insert("partition", "row", {})
    assert transport.requests.total() == 1


@pytest.mark.parametrize(("hours", "allowed"), [(0, False), (1, True)], ids=["within the window", "after it"])
async def test_a_window_goes_on_in_the_next_week(
    service: TableServiceClient, clock: FixedClock, hours: int, allowed: bool
) -> None:
    """On every instance. A change of the table gives nobody a further hit."""
    clock.move(days=6, hours=15, minutes=30)  # the morning is at 08:00: Sunday, 23:30
    limiters = [TableRateLimiter(ExpiringTables.of(service).counters, clock) for _ in range(3)]
    assert (await limiters[0].hit("key", (HOUR,))).allowed
    clock.move(minutes=45)
    clock.move(hours=hours)
    told = [(await limiter.hit("key", (HOUR,))).allowed for limiter in limiters]
    assert sum(told) == (1 if allowed else 0)


async def test_the_row_of_a_stranger_is_in_the_table_of_its_week(
    service: TableServiceClient, clock: FixedClock, storage: str
) -> None:
    """A verification that goes on into the next week still finds it."""
    keyring = a_keyring()
    account = keyring.stranger_key("nobody", week_of(clock.now()))
    assert len(account) == len(keyring.account_key("object"))
    async with a_table(storage, "People") as table:
        people = TablePeople(table, ExpiringTables.of(service).strangers)
        stored = await people.write(Person(account=account, attempts=(an_attempt(),)), None)
        assert await table.read(account, "person") is None
        clock.move(days=7)
        assert await people.read(account) == stored
