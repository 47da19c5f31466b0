"""SharedTally: approximate totals over all instances, without a call for each request."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.azure_tables import shared_tally
from shared.adapters.azure_tables.expiring import ExpiringTables
from shared.adapters.azure_tables.shared_tally import EXCHANGED_EVERY, PUBLISHED_AFTER, TableSharedTally
from shared.domain.limits import Rate
from shared.ports.shared_tally import SharedTally
from shared.ports.store import StoreLost
from tests.contracts.store import UnreliableTransport, a_service
from tests.fakes.clock import FixedClock
from tests.fakes.shared_tally import MemorySharedTally

HOURLY = Rate(3, timedelta(hours=1))


@dataclass
class Side:
    """Two instances on one store; in memory they are the same instance."""

    one: SharedTally
    other: SharedTally
    transport: Any = None


@pytest.fixture
async def side(kind: str, clock: FixedClock, request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    if kind == "memory":
        memory = MemorySharedTally(clock)
        yield Side(memory, memory)
        return
    transport = UnreliableTransport()
    async with a_service(request.getfixturevalue("storage"), transport) as service:
        one, other = (TableSharedTally(ExpiringTables.of(service).counters, clock, name) for name in ("one", "other"))
        yield Side(one, other, transport)


async def test_a_tally_refuses_what_exceeds_its_rate(side: Side) -> None:
    """Three per hour are allowed. Asking without counting uses up nothing."""
    for _ in range(5):
        assert await side.one.spend("key", HOURLY, counts=0)
    assert [await side.one.spend("key", HOURLY, counts=1) for _ in range(4)] == [True, True, True, False]
    assert not await side.one.spend("key", HOURLY, counts=0)
    assert await side.one.spend("another key", HOURLY, counts=1)


async def test_a_tally_starts_from_zero_in_the_next_window(side: Side, clock: FixedClock) -> None:
    """Windows are aligned to the clock, so that every instance uses the same one."""
    for _ in range(3):
        await side.one.spend("key", HOURLY, counts=1)
    clock.move(hours=1)
    assert await side.one.spend("key", HOURLY, counts=1)


async def test_what_is_given_back_leaves_the_window_that_counted_it(side: Side, clock: FixedClock) -> None:
    """A success makes room. Given back when that window has ended, it makes none."""
    counted_at = clock.now()
    for _ in range(3):
        assert await side.one.spend("key", HOURLY, counts=1)
    side.one.give_back("key", HOURLY, counted_at)
    assert [await side.one.spend("key", HOURLY, counts=1) for _ in range(2)] == [True, False]
    clock.move(hours=1)
    assert await side.one.spend("key", HOURLY, counts=3)
    side.one.give_back("key", HOURLY, counted_at)
    assert not await side.one.spend("key", HOURLY, counts=1)


async def test_instances_see_each_others_tally_within_a_minute(side: Side, clock: FixedClock) -> None:
    """Until then an instance can exceed the rate by what it does not know. Afterwards it has the total."""
    clock.move(seconds=-clock.now().timestamp() % 3600)
    for _ in range(2):
        assert await side.one.spend("key", HOURLY, counts=1)
    clock.at += EXCHANGED_EVERY
    assert await side.one.spend("key", HOURLY, counts=0)
    assert await side.other.spend("key", HOURLY, counts=1)
    assert not await side.other.spend("key", HOURLY, counts=1)


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"])
async def test_counting_on_a_warm_instance_makes_no_call(side: Side) -> None:
    """The call budget of a reset has no room for it (rule 17)."""
    await side.one.spend("key", HOURLY, counts=1)
    side.transport.requests.clear()
    await side.one.spend("key", HOURLY, counts=1)
    assert not side.transport.requests


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"])
async def test_a_tally_that_cannot_be_read_allows_nothing(side: Side, clock: FixedClock) -> None:
    """A limit on spending fails closed (R-75), and works again afterwards."""
    assert await side.one.spend("key", HOURLY, counts=1)
    clock.at += EXCHANGED_EVERY
    side.transport.is_lost = True
    with pytest.raises(StoreLost):
        await side.one.spend("key", HOURLY, counts=1)
    side.transport.is_lost = False
    assert [await side.one.spend("key", HOURLY, counts=1) for _ in range(3)] == [True, True, False]


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"])
async def test_the_last_counts_are_published_when_an_instance_closes(side: Side) -> None:
    """The others then know them, without a wait."""
    assert await side.one.spend("key", HOURLY, counts=3)
    await side.one.close()  # type: ignore[attr-defined]
    assert not await side.other.spend("key", HOURLY, counts=1)


def test_a_count_is_published_before_a_host_that_stops_is_gone() -> None:
    """It lives for 30 seconds after it was told, and Python is not told. The calls need some of them."""
    assert timedelta(seconds=30) > PUBLISHED_AFTER + timedelta(seconds=10)


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"])
@pytest.mark.parametrize("approximately", [False, True])
async def test_a_count_is_published_even_if_nobody_asks_again(side: Side, approximately: bool) -> None:
    """Otherwise the last messages of each instance would count for nobody (rule 15). A lost store delays it."""
    side.one.publish_after = timedelta(milliseconds=20)  # type: ignore[attr-defined]
    await side.one.spend("key", HOURLY, counts=0)
    side.transport.is_lost = True
    assert await side.one.spend("key", HOURLY, counts=3, approximately=approximately)
    await asyncio.sleep(0.1)
    side.transport.is_lost = False
    await side.one._publishing  # type: ignore[attr-defined]
    assert not await side.other.spend("key", HOURLY, counts=1)


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"])
@pytest.mark.parametrize("is_published", [True, False])
async def test_many_clients_do_not_make_an_instance_forget_what_was_spent(
    side: Side, monkeypatch: pytest.MonkeyPatch, is_published: bool
) -> None:
    """A stranger with many addresses fills the places. The limit on text messages would begin again with each time."""
    monkeypatch.setattr(shared_tally, "REMEMBERED", 8)
    assert await side.one.spend("money", HOURLY, counts=2)
    if is_published:
        await side.one.publish()  # type: ignore[attr-defined]
    for n in range(40):
        assert await side.one.spend(f"client-{n}", HOURLY, counts=1, approximately=True)
    assert len(side.one._shards) <= 9  # type: ignore[attr-defined]
    assert [await side.one.spend("money", HOURLY, counts=1) for _ in range(2)] == [True, False]
    await side.one.publish()  # type: ignore[attr-defined]
    assert not await side.other.spend("money", HOURLY, counts=1)
