"""CoverageStore: a person and the sums change together or not at all; nothing is counted twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime

import pytest

from shared.adapters.azure_tables._periods import made_on_demand
from shared.adapters.azure_tables.coverage import TableCoverage, sum_row
from shared.domain.account import AccountKey
from shared.domain.coverage import Standing, contribution, folded
from shared.ports.coverage import Counted, CoverageStore, Recount
from shared.ports.store import Conflict, StoreLost
from tests.contracts.store import UnreliableTransport, a_service
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.coverage import MemoryCoverage
from tests.fakes.people import Fault

TODAY = MONDAY_MORNING.date()
ADA, BOB, ZOE = (AccountKey(name) for name in ("ada", "abob", "zoe"))
READY = Standing(
    object_id="object", enabled=True, privileged=False, registered=True, capable=True, methods=("email",),
    turns=("20261231", "20270115"), groups=("CN=Sales, DC=x", "every#one"),
)  # fmt: skip
NOT_YET = replace(READY, registered=False, capable=False, methods=(), turns=(), groups=("every#one",))


@pytest.fixture
def transport() -> UnreliableTransport:
    return UnreliableTransport()


@pytest.fixture
async def store(
    kind: str, request: pytest.FixtureRequest, transport: UnreliableTransport
) -> AsyncIterator[CoverageStore]:
    if kind == "memory":
        yield MemoryCoverage()
        return
    async with a_service(request.getfixturevalue("storage"), transport) as service:
        table = made_on_demand(service, "Coverage")
        yield TableCoverage(table)


async def settled(store: CoverageStore, account: AccountKey, after: Standing | None) -> None:
    await store.settle(account, await store.read(account), after, TODAY)


def counted(*standings: Standing, on: date = TODAY) -> dict[str, dict[str, int]]:
    """Count from the beginning."""
    found = {"": Counter[str]()}
    for one in standings:
        for group in ("", *one.groups):
            found.setdefault(group, Counter()).update(contribution(one))
    return {group: folded(sums, on) for group, sums in found.items()}


async def sums_of(store: CoverageStore, on: date = TODAY) -> dict[str, dict[str, int]]:
    return {group: dict(sums) for group, sums in (await store.sums(on)).items() if sums or not group}


async def test_the_sums_are_those_of_a_full_count_whoever_comes_changes_and_goes(store: CoverageStore) -> None:
    """By group too. Days that have passed move people from one sum to the other, with nothing written."""
    for account, standing in ((ADA, READY), (BOB, NOT_YET), (ZOE, READY), (ZOE, replace(READY, enabled=False))):
        await settled(store, account, standing)
    people = READY, NOT_YET, replace(READY, enabled=False)
    for day in (TODAY, date(2026, 12, 31), date(2027, 1, 15)):
        assert await sums_of(store, day) == counted(*people, on=day)
    assert [sums.get("capable", 0) for sums in (counted(READY, on=d)[""] for d in (TODAY, date(2027, 1, 1)))] == [1, 0]
    await settled(store, ADA, NOT_YET)
    await settled(store, ZOE, None)
    assert await sums_of(store) == counted(NOT_YET, NOT_YET)
    assert await store.read(ZOE) == Counted(None, None)


async def test_who_was_read_earlier_than_another_write_changes_nothing(store: CoverageStore) -> None:
    """A message that comes twice, and two instances at once: the later one must read again."""
    first = await store.read(ADA)
    await store.settle(ADA, first, READY, TODAY)
    for after in (READY, None):
        with pytest.raises(Conflict):
            await store.settle(ADA, first, after, TODAY)
    read = await store.read(ADA)
    await asyncio.gather(*(store.settle(ADA, read, NOT_YET, TODAY) for _ in range(4)), return_exceptions=True)
    assert await sums_of(store) == counted(NOT_YET)


async def test_people_are_listed_by_shard_in_the_order_of_their_keys(store: CoverageStore) -> None:
    """Everybody, or who is not ready: enabled and not registered."""
    disabled = replace(NOT_YET, enabled=False)
    for account, standing in ((ADA, READY), (BOB, NOT_YET), (ZOE, NOT_YET), (AccountKey("aleft"), disabled)):
        await settled(store, account, standing)
    assert [key for key, _ in await store.following("a", "", 9)] == [BOB, ADA, "aleft"]
    assert [key for key, _ in await store.following("a", BOB, 1)] == [ADA]
    [(key, one)] = await store.following("a", "", 9, not_ready=True)
    assert (key, one.standing) == (BOB, NOT_YET)
    await store.settle(key, one, READY, TODAY)


async def test_a_recount_is_noted_once_it_is_complete(store: CoverageStore) -> None:
    """The last one counts."""
    assert await store.last_recount() is None
    for policy in ("one", "two"):
        await store.note_recount(Recount(at=MONDAY_MORNING, policy=policy))
    assert await store.last_recount() == Recount(at=MONDAY_MORNING, policy="two")
    assert isinstance((await store.last_recount() or Recount(at=MONDAY_MORNING, policy="")).at, datetime)


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"])
@pytest.mark.parametrize("fault", [Fault.LOST, Fault.APPLIED_THEN_LOST, Fault.APPLIED_THEN_CONFLICT])
async def test_a_write_without_an_answer_leaves_person_and_sums_in_step(
    store: CoverageStore, transport: UnreliableTransport, fault: Fault
) -> None:
    """Either both have changed or neither: a kill at that moment looks the same."""
    await settled(store, ADA, READY)
    transport.faults = [fault]
    with pytest.raises((Conflict, StoreLost)):
        await settled(store, ADA, NOT_YET)
    standing = (await store.read(ADA)).standing
    assert standing == (READY if fault is Fault.LOST else NOT_YET)
    assert await sums_of(store) == counted(standing)


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"])
async def test_sums_that_are_wrong_are_made_anew_and_the_calls_do_not_grow_with_people(
    store: TableCoverage, transport: UnreliableTransport
) -> None:
    """A person is one read of each sum and one transaction; a sum is written again only if nobody changes meanwhile."""
    await settled(store, ADA, READY)
    for number in range(30):
        transport.requests.clear()
        await settled(store, AccountKey(f"a{number}"), replace(NOT_YET, groups=()))
        assert transport.requests == {"GET": 2, "POST": 1}
    right = await sums_of(store)
    row = await store.table.read("a", "s-")
    assert row is not None
    await store.table.replace("a", "s-", {"of": "", "sums": '{"people":99}'}, row.etag)
    await store.table.delete("a", sum_row("CN=Sales, DC=x"))
    assert await sums_of(store) != right
    assert [await store.add_up("a", TODAY) for _ in range(2)] == [True, False]
    assert await sums_of(store) == right
    transport.requests.clear()
    await store.sums(TODAY)
    assert transport.requests == {"GET": len(store.shards)}
