"""RateLimiter: exact under parallel fire from several instances, and closed when it cannot answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.azure_tables._table import Table
from shared.adapters.azure_tables.rate_limiter import TableRateLimiter
from shared.domain.rate import Allowance, Rate
from shared.ports.rate_limiter import RateLimiter
from shared.ports.store import Conflict, StoreLost
from tests.contracts.store import UnreliableTransport, a_table
from tests.fakes.clock import FixedClock
from tests.fakes.rate_limiter import MemoryRateLimiter

HOURLY = Rate(3, timedelta(hours=1))
DAILY = Rate(4, timedelta(days=1))


@dataclass
class Side:
    """Three instances on one store; in memory they are one."""

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
        tables = [await stack.enter_async_context(a_table(storage, transport=transport)) for _ in range(3)]
        yield Side([TableRateLimiter(table, clock) for table in tables], transport)


async def test_a_rate_allows_its_limit_and_tells_the_wait(side: Side, clock: FixedClock) -> None:
    """Three, then not before the window has ended, on the second."""
    for _ in range(3):
        assert await side.limiter.hit("key", (HOURLY,)) == Allowance(allowed=True)
    clock.move(minutes=10)
    assert await side.limiter.hit("key", (HOURLY,)) == Allowance(allowed=False, retry_after=3000)
    clock.move(minutes=50)
    assert (await side.limiter.hit("key", (HOURLY,))).allowed


async def test_a_forgotten_count_begins_afresh(side: Side) -> None:
    """Also for an instance that still knows the row; forgetting what is not there does no harm."""
    for instance in side.instances[:2]:
        await instance.hit("key", (HOURLY,))
    for _ in range(2):
        await side.limiter.forget("key")
    allowed = [(await instance.hit("key", (HOURLY,))).allowed for instance in (*side.instances, side.limiter)]
    assert allowed == [True, True, True, False]


async def test_every_rate_must_allow_it(side: Side, clock: FixedClock) -> None:
    """A refused hit counts nowhere; the longest wait is told."""
    for _ in range(3):
        await side.limiter.hit("key", (HOURLY, DAILY))
    assert not (await side.limiter.hit("key", (HOURLY, DAILY))).allowed
    clock.move(hours=1)
    assert (await side.limiter.hit("key", (HOURLY, DAILY))).allowed
    assert (await side.limiter.hit("key", (HOURLY, DAILY))).retry_after == 23 * 3600


async def test_keys_do_not_know_each_other(side: Side) -> None:
    """One name at its limit leaves the others alone."""
    for _ in range(4):
        await side.limiter.hit("key", (HOURLY,))
    assert (await side.limiter.hit("another", (HOURLY,))).allowed


async def test_another_instance_goes_on_counting(side: Side) -> None:
    """What one has seen is not what stands in the store: three instances allow three, not nine."""
    told = [await instance.hit("key", (HOURLY,)) for _ in range(3) for instance in side.instances]
    assert sum(allowance.allowed for allowance in told) == 3


async def test_it_is_exact_under_parallel_fire(side: Side) -> None:
    """Fifty at once over three instances, limit twenty: what was allowed was counted, and never more than twenty.

    Some may be refused for a second because they lost three races; the rest of the limit is then still there.
    """
    rates = (Rate(20, timedelta(hours=1)),)
    told = await asyncio.gather(*(side.instances[n % 3].hit("key", rates) for n in range(50)))
    allowed = sum(allowance.allowed for allowance in told)
    assert 0 < allowed <= 20
    assert {a.retry_after for a in told if not a.allowed} <= {1, 3600}
    later = [await side.limiter.hit("key", rates) for _ in range(21)]
    assert allowed + sum(allowance.allowed for allowance in later) == 20


async def test_a_hit_that_was_a_success_is_taken_back(side: Side) -> None:
    """Any number of successes, and the limit is for failures alone."""
    for _ in range(10):
        assert (await side.limiter.hit("key", (HOURLY,))).allowed
        side.limiter.forgive("key")
    told = [await side.limiter.hit("key", (HOURLY,)) for _ in range(4)]
    assert [allowance.allowed for allowance in told] == [True, True, True, False]


async def test_what_was_forgiven_is_no_credit_for_later(side: Side, clock: FixedClock) -> None:
    """Three successes in one window; in the next, another instance counts three failures: no fourth is allowed here."""
    first, second, _ = side.instances
    for _ in range(3):
        await first.hit("key", (HOURLY,))
    for _ in range(3):
        first.forgive("key")
    clock.move(hours=1)
    for _ in range(3):
        assert (await second.hit("key", (HOURLY,))).allowed
    assert not (await first.hit("key", (HOURLY,))).allowed


async def test_successes_that_overlap_are_all_taken_back(side: Side) -> None:
    """Ten people of one office sign in at once, again and again: none of them is counted in the end."""
    rates = (Rate(12, timedelta(hours=1)),)

    async def succeed() -> bool:
        allowance = await side.limiter.hit("key", rates)
        await asyncio.sleep(0.003)
        if allowance.allowed:
            side.limiter.forgive("key")
        return allowance.allowed

    for _ in range(4):
        assert all(await asyncio.gather(*(succeed() for _ in range(10))))


async def test_it_fails_closed(side: Side) -> None:
    """A store that does not answer is an error and never an allowance, and afterwards it counts on."""
    await side.limiter.hit("key", (HOURLY,))
    side.lost.is_lost = True
    for key in ("key", "new"):
        with pytest.raises(StoreLost):
            await side.limiter.hit(key, (HOURLY,))
    side.lost.is_lost = False
    told = [await side.limiter.hit("key", (HOURLY,)) for _ in range(3)]
    assert [allowance.allowed for allowance in told] == [True, True, False]


class AlwaysLosing:
    """A table where somebody else is always faster."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.races = 0

    async def read(self, partition: str, row: str) -> object:
        return await self._table.read(partition, row)

    async def insert(self, *_: object) -> str:
        self.races += 1
        raise Conflict

    async def replace(self, *_: object) -> str:
        self.races += 1
        raise Conflict


class Meanwhile:
    """A table where something happens while the next row is replaced."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.happens: Callable[[], None] | None = None
        self.insert = table.insert
        self.read = table.read

    async def replace(self, *row: Any) -> str:
        if self.happens is not None:
            happens, self.happens = self.happens, None
            happens()
        return await self._table.replace(*row)


@pytest.mark.integration
class TestTheTable:
    """What only the real adapter can get wrong."""

    async def test_three_lost_races_are_a_second_to_wait(self, storage: str, clock: FixedClock) -> None:
        """Refused, not retried for ever and not let through (rule 15)."""
        async with a_table(storage) as table:
            await TableRateLimiter(table, clock).hit("key", (HOURLY,))
            losing: Any = AlwaysLosing(table)
            assert await TableRateLimiter(losing, clock).hit("key", (HOURLY,)) == Allowance(False, 1)
            assert 3 <= losing.races <= 4

    async def test_a_success_during_a_write_is_taken_back(self, storage: str, clock: FixedClock) -> None:
        """Forgiven while another hit was on its way to the store: it counts for nothing in the end."""
        async with a_table(storage) as table:
            meanwhile: Any = Meanwhile(table)
            limiter = TableRateLimiter(meanwhile, clock)
            await limiter.hit("key", (HOURLY,))
            meanwhile.happens = lambda: limiter.forgive("key")
            await limiter.hit("key", (HOURLY,))
            told = [await limiter.hit("key", (HOURLY,)) for _ in range(3)]
            assert [allowance.allowed for allowance in told] == [True, True, False]

    async def test_a_warm_hit_is_one_request(self, storage: str, clock: FixedClock) -> None:
        """The budget of rule 17 rests on it."""
        transport = UnreliableTransport()
        async with a_table(storage, transport=transport) as table:
            limiter = TableRateLimiter(table, clock)
            await limiter.hit("key", (HOURLY,))
            transport.requests.clear()
            await limiter.hit("key", (HOURLY,))
            limiter.forgive("key")
            assert (transport.requests["GET"], transport.requests.total()) == (0, 1)
