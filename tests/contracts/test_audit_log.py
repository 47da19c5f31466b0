"""AuditLog: append-only, each step once; a person's events and a day's events are ranges."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.azure_tables.audit_log import TableAuditLog
from shared.adapters.azure_tables.expiring import ExpiringTables
from shared.domain.trail import AuditEvent, Tag
from shared.ports.audit_log import AuditLog
from tests.contracts.store import UnreliableTransport, a_service
from tests.fakes.audit_log import MemoryAuditLog
from tests.fakes.clock import MONDAY_MORNING

EVENT = AuditEvent(tag=Tag.RESET_STARTED, at=MONDAY_MORNING, account="a", client_key="c", cause="why")
DAY = timedelta(days=1)


@pytest.fixture
def transport() -> UnreliableTransport:
    return UnreliableTransport()


@pytest.fixture
async def log(kind: str, request: pytest.FixtureRequest, transport: UnreliableTransport) -> AsyncIterator[AuditLog]:
    if kind == "memory":
        yield MemoryAuditLog()
        return
    async with a_service(request.getfixturevalue("storage"), transport) as service:
        yield TableAuditLog(ExpiringTables.of(service).audit)


async def of_that_day(log: AuditLog) -> list[AuditEvent]:
    return [event async for event in log.of_day(MONDAY_MORNING.date())]


async def test_a_step_is_recorded_once_per_record_id(log: AuditLog) -> None:
    """The queue can deliver a message several times. Two messages with the same content are two steps."""
    for record_id in ("one", "one", "two", "one"):
        await log.record([EVENT, replace(EVENT, account="b"), replace(EVENT, account="")], record_id=record_id)
    assert sorted(event.account for event in await of_that_day(log)) == ["", "", "a", "a", "b", "b"]


async def test_the_events_of_a_day_are_those_of_that_day_in_order(log: AuditLog) -> None:
    """Every field is stored. No event of the day before or after is returned."""
    times = [MONDAY_MORNING + timedelta(hours=hours) for hours in (5, -1, 30, -30, 2)]
    for number, at in enumerate(times):
        await log.record([replace(EVENT, at=at, account=f"account{number}")], record_id=str(number))
    found = await of_that_day(log)
    assert found == sorted(found, key=lambda event: event.at)
    assert {event.at for event in found} == {at for at in times if at.date() == MONDAY_MORNING.date()}
    assert found[0].client_key == "c"


async def test_the_events_of_a_person_are_theirs_alone_over_several_months(log: AuditLog) -> None:
    """Newest first, from the last moment (excluded) back to the first, and no more than asked for.

    An account whose key begins with the same characters is another one. Of one step, what came later comes first.
    """
    for days in (0, -20, -40, -90, -400):
        for account in ("a", "ab"):
            await log.record([replace(EVENT, at=MONDAY_MORNING + days * DAY, account=account)], record_id=f"{days}")
    for most, days in ((10, (20, 40, 90)), (2, (20, 40)), (1, (20,))):
        found = [event async for event in log.of_person("a", MONDAY_MORNING - 90 * DAY, MONDAY_MORNING, most=most)]
        assert [(event.account, event.at) for event in found] == [("a", MONDAY_MORNING - day * DAY) for day in days]
    together = [replace(EVENT, account="c", cause=cause, network="203.0.113.0/24") for cause in ("first", "second")]
    await log.record(together, record_id="together")
    found = [event async for event in log.of_person("c", MONDAY_MORNING, MONDAY_MORNING + DAY, most=2)]
    assert found == together[::-1]


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"])
async def test_a_step_is_one_call_and_a_range_costs_the_same_however_much_else_there_is(
    log: AuditLog, transport: UnreliableTransport
) -> None:
    """The first record also creates the table of the month."""
    await log.record([EVENT], record_id="first")
    costs = []
    for number in range(60):
        transport.requests.clear()
        await log.record(
            [replace(EVENT, account=f"other{number % 7}", at=MONDAY_MORNING - DAY)] * 2, record_id=f"{number}"
        )
        assert transport.requests.total() == 1
        if number in {0, 59}:
            transport.requests.clear()
            assert len(await of_that_day(log)) == 1
            span = MONDAY_MORNING - DAY, MONDAY_MORNING + DAY
            assert [event async for event in log.of_person("a", *span, most=50)] == [EVENT]
            costs.append(transport.requests.total())
    assert costs[0] == costs[1]
