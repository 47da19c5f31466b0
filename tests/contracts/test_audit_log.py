"""AuditLog: append-only, each step once; what is found by person, actor, reference or time is ranges of keys."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.azure_tables.audit_log import TableAuditLog
from shared.adapters.azure_tables.expiring import ExpiringTables
from shared.domain.trail import AuditEvent, Tag
from shared.ports.audit_log import AuditLog, By, place_of, time_of
from tests.contracts.store import UnreliableTransport, a_service
from tests.fakes.audit_log import MemoryAuditLog
from tests.fakes.clock import MONDAY_MORNING

EVENT = AuditEvent(
    tag=Tag.RESET_STARTED, at=MONDAY_MORNING, account="a", actor="b", reference="r", client_key="c", cause="why"
)
DAY = timedelta(days=1)
SPAN = MONDAY_MORNING - DAY, MONDAY_MORNING + DAY
KEYS = [(By.ACCOUNT, "a"), (By.ACTOR, "b"), (By.REFERENCE, "r"), (By.TIME, "")]


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


async def test_a_step_is_recorded_once_per_record_id(log: AuditLog) -> None:
    """The queue can deliver a message several times. Two messages with the same content are two steps."""
    for record_id in ("one", "one", "two", "one"):
        await log.record([EVENT] * 30 + [replace(EVENT, account="b")], record_id=record_id)
    found = [one.event.account async for one in log.find(By.TIME, "", *SPAN, most=100)]
    assert sorted(found) == ["a"] * 60 + ["b"] * 2


@pytest.mark.parametrize(("by", "value"), KEYS)
async def test_events_are_found_newest_first_a_page_at_a_time_over_several_months(
    log: AuditLog, by: By, value: str
) -> None:
    """From the last moment (excluded) back to the first, every field; of one step, what came later comes first.

    A value that begins with the same characters is another one.
    """
    for days in (0, -20, -40, -90, -400):
        for more in ("", "b"):
            other = {"account": f"a{more}", "actor": f"b{more}", "reference": f"r{more}"}
            event = replace(EVENT, at=MONDAY_MORNING + days * DAY, **(other if more else {}))
            if more == "" or by is not By.TIME:
                await log.record([event, replace(event, cause="later")], record_id=f"{days}{more}")
    span = MONDAY_MORNING - 90 * DAY, MONDAY_MORNING
    wanted = [replace(EVENT, at=MONDAY_MORNING - d * DAY, cause=c) for d in (20, 40, 90) for c in ("later", "why")]
    assert [one.event async for one in log.find(by, value, *span, most=99)] == wanted
    after, pages = "", []
    while page := [one async for one in log.find(by, value, *span, most=4, after=after)]:
        after, pages = page[-1].place, [*pages, [one.event for one in page]]
        assert time_of(after) == page[-1].event.at
    assert pages == [wanted[:4], wanted[4:]]


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"])
async def test_a_step_is_one_call_and_a_range_costs_the_same_however_much_else_there_is(
    log: AuditLog, transport: UnreliableTransport
) -> None:
    """The first record also creates the table of the month. A person is one partition, everything else sixteen."""
    await log.record([EVENT], record_id="first")
    costs = []
    for number in range(40):
        transport.requests.clear()
        other = replace(EVENT, account=f"o{number}", actor="o", reference="o", at=MONDAY_MORNING + DAY)
        await log.record([other] * 2, record_id=f"{number}")
        assert transport.requests.total() == 1
        if number in {0, 39}:
            for by, value in KEYS:
                transport.requests.clear()
                assert [one.event async for one in log.find(by, value, *SPAN, most=50)] == [EVENT]
                costs.append(transport.requests.total())
    assert costs == [1, 16, 16, 16] * 2
    assert place_of(MONDAY_MORNING, "x", 1) < place_of(MONDAY_MORNING, "x", 0)
