"""RateLimiter: exact with parallel requests from several instances, and closed when the store does not answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.azure_tables._table import Table
from shared.adapters.azure_tables.expiring import ExpiringTables
from shared.adapters.azure_tables.rate_limiter import TableRateLimiter
from shared.domain.limits import Allowance, Rate
from shared.ports.rate_limiter import RateLimiter
from shared.ports.store import Conflict, StoreLost
from tests.contracts.store import UnreliableTransport, a_service
from tests.fakes.clock import FixedClock
from tests.fakes.rate_limiter import MemoryRateLimiter

HOURLY = Rate(3, timedelta(hours=1))
DAILY = Rate(4, timedelta(days=1))


@dataclass
class Side:
    """Three instances on one store; in memory they are the same instance."""

    instances: list[RateLimiter]
    lost: Any

    @property
    def limiter(self) -> RateLimiter:
        return self.instances[0]


@pytest.fixture
async def side(kind: str, clock: FixedClock, request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    if kind == "memory":
        memory = MemoryRateLimiter(clock)
        yield Side([memory] * 3, memory)
        return
    async with AsyncExitStack() as stack:
        transport = UnreliableTransport()
        storage = request.getfixturevalue("storage")
        service = await stack.enter_async_context(a_service(storage, transport))
        yield Side([TableRateLimiter(ExpiringTables.of(service).counters, clock) for _ in range(3)], transport)


async def test_a_rate_allows_its_limit_and_returns_the_wait(side: Side, clock: FixedClock) -> None:
    """Three hits are allowed, the next one only after the end of the window."""
    for _ in range(3):
        assert await side.limiter.hit("key", (HOURLY,)) == Allowance(allowed=True)
    clock.move(minutes=10)
    assert await side.limiter.hit("key", (HOURLY,)) == Allowance(allowed=False, retry_after=3000)
    clock.move(minutes=50)
    assert (await side.limiter.hit("key", (HOURLY,))).allowed


async def test_a_deleted_counter_counts_from_zero(side: Side) -> None:
    """Also for an instance that still knows the row. Deleting a missing counter is not an error."""
    for instance in side.instances[:2]:
        await instance.hit("key", (HOURLY,))
    for _ in range(2):
        await side.limiter.forget("key")
    allowed = [(await instance.hit("key", (HOURLY,))).allowed for instance in (*side.instances, side.limiter)]
    assert allowed == [True, True, True, False]


async def test_a_hit_is_allowed_only_if_every_rate_allows_it(side: Side, clock: FixedClock) -> None:
    """A refused hit is not counted for any rate, and the longest wait is returned."""
    for _ in range(3):
        await side.limiter.hit("key", (HOURLY, DAILY))
    assert not (await side.limiter.hit("key", (HOURLY, DAILY))).allowed
    clock.move(hours=1)
    assert (await side.limiter.hit("key", (HOURLY, DAILY))).allowed
    assert (await side.limiter.hit("key", (HOURLY, DAILY))).retry_after == 23 * 3600


async def test_counters_of_different_keys_are_independent(side: Side) -> None:
    """One name at its limit does not affect others."""
    for _ in range(4):
        await side.limiter.hit("key", (HOURLY,))
    assert (await side.limiter.hit("another", (HOURLY,))).allowed


async def test_instances_share_their_counts(side: Side) -> None:
    """Three instances together allow three hits, not nine."""
    told = [await instance.hit("key", (HOURLY,)) for _ in range(3) for instance in side.instances]
    assert sum(allowance.allowed for allowance in told) == 3


async def test_counts_are_exact_under_parallel_requests(side: Side) -> None:
    """Fifty requests at once over three instances with a limit of twenty: at most twenty are allowed, and all are
    counted.

    Some can be refused for a second after three conflicts. The rest of the limit is then still available.
    """
    rates = (Rate(20, timedelta(hours=1)),)
    told = await asyncio.gather(*(side.instances[n % 3].hit("key", rates) for n in range(50)))
    allowed = sum(allowance.allowed for allowance in told)
    assert 0 < allowed <= 20
    assert {a.retry_after for a in told if not a.allowed} <= {1, 3600}
    later = [await side.limiter.hit("key", rates) for _ in range(21)]
    assert allowed + sum(allowance.allowed for allowance in later) == 20


async def test_forgiven_hits_are_not_counted(side: Side) -> None:
    """Any number of successes is allowed; only failures count against the limit."""
    for _ in range(10):
        hit = await side.limiter.hit("key", (HOURLY,))
        assert hit.allowed
        side.limiter.forgive("key", hit)
    told = [await side.limiter.hit("key", (HOURLY,)) for _ in range(4)]
    assert [allowance.allowed for allowance in told] == [True, True, True, False]


async def test_forgiven_hits_of_an_old_window_do_not_extend_the_next(side: Side, clock: FixedClock) -> None:
    """Three successes in one window.

    In the next, another instance counts three failures, and no fourth is allowed here.
    """
    first, second, _ = side.instances
    for hit in [await first.hit("key", (HOURLY,)) for _ in range(3)]:
        first.forgive("key", hit)
    clock.move(hours=1)
    for _ in range(3):
        assert (await second.hit("key", (HOURLY,))).allowed
    assert not (await first.hit("key", (HOURLY,))).allowed


async def test_a_success_across_the_end_of_a_window_gives_no_additional_guess(side: Side, clock: FixedClock) -> None:
    """The hit was counted in one window and is given back in the next, in which others have failed."""
    hit = await side.limiter.hit("key", (HOURLY,))
    clock.move(hours=1)
    await side.limiter.hit("key", (HOURLY,))
    side.limiter.forgive("key", hit)
    told = [await side.limiter.hit("key", (HOURLY,)) for _ in range(3)]
    assert [allowance.allowed for allowance in told] == [True, True, False]


async def test_parallel_successes_are_all_forgiven(side: Side) -> None:
    """Ten people in one office sign in at once, repeatedly. None of the hits remains counted."""
    rates = (Rate(12, timedelta(hours=1)),)

    async def succeed() -> bool:
        allowance = await side.limiter.hit("key", rates)
        await asyncio.sleep(0.003)
        if allowance.allowed:
            side.limiter.forgive("key", allowance)
        return allowance.allowed

    for _ in range(4):
        assert all(await asyncio.gather(*(succeed() for _ in range(10))))


@pytest.mark.parametrize("key", ["key", "new"], ids=["known key", "new key"])
async def test_the_rate_limiter_raises_while_the_store_is_lost_and_then_continues(side: Side, key: str) -> None:
    """It fails closed: an unavailable store never allows a request. The counts are right afterwards."""
    await side.limiter.hit("key", (HOURLY,))
    side.lost.is_lost = True
    with pytest.raises(StoreLost):
        await side.limiter.hit(key, (HOURLY,))
    side.lost.is_lost = False
    told = [await side.limiter.hit("key", (HOURLY,)) for _ in range(3)]
    assert [allowance.allowed for allowance in told] == [True, True, False]


class AlwaysLosing:
    """A table in which another writer always writes first."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.races = 0

    def of(self, _week: str) -> "AlwaysLosing":
        return self

    async def read(self, partition: str, row: str) -> object:
        return await self._table.read(partition, row)

    async def insert(self, *_: object) -> str:
        self.races += 1
        raise Conflict

    async def replace(self, *_: object) -> str:
        self.races += 1
        raise Conflict


class Meanwhile:
    """A table that runs a function while the next row is replaced."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.happens: Callable[[], None] | None = None
        self.insert = table.insert
        self.read = table.read

    def of(self, _week: str) -> "Meanwhile":
        return self

    async def replace(self, *row: Any) -> str:
        if self.happens is not None:
            happens, self.happens = self.happens, None
            happens()
        return await self._table.replace(*row)


@pytest.mark.integration
class TestTheTable:
    """Tests that apply only to the real adapter."""

    async def test_a_hit_is_refused_for_one_second_after_three_conflicts(self, storage: str, clock: FixedClock) -> None:
        """It is neither retried for ever nor allowed (rule 15)."""
        async with a_service(storage) as service:
            tables = ExpiringTables.of(service).counters
            await TableRateLimiter(tables, clock).hit("key", (HOURLY,))
            losing: Any = AlwaysLosing(tables.at(clock.now()))
            assert await TableRateLimiter(losing, clock).hit("key", (HOURLY,)) == Allowance(False, 1)
            assert 3 <= losing.races <= 4

    async def test_a_success_during_another_write_is_forgiven(self, storage: str, clock: FixedClock) -> None:
        """The credit arrives while another hit is being written, and is subtracted afterwards."""
        async with a_service(storage) as service:
            meanwhile: Any = Meanwhile(ExpiringTables.of(service).counters.at(clock.now()))
            limiter = TableRateLimiter(meanwhile, clock)
            first = await limiter.hit("key", (HOURLY,))
            meanwhile.happens = lambda: limiter.forgive("key", first)
            await limiter.hit("key", (HOURLY,))
            told = [await limiter.hit("key", (HOURLY,)) for _ in range(3)]
            assert [allowance.allowed for allowance in told] == [True, True, False]

    async def test_a_hit_on_a_warm_instance_is_one_request(self, storage: str, clock: FixedClock) -> None:
        """The call budget of rule 17 depends on it."""
        transport = UnreliableTransport()
        async with a_service(storage, transport) as service:
            limiter = TableRateLimiter(ExpiringTables.of(service).counters, clock)
            await limiter.hit("key", (HOURLY,))
            transport.requests.clear()
            limiter.forgive("key", await limiter.hit("key", (HOURLY,)))
            assert (transport.requests["GET"], transport.requests.total()) == (0, 1)
