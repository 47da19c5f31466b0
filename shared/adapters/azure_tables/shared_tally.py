"""SharedTally: one row for each key, window and instance; their sum is the total (rules 15 and 17)."""

import asyncio
import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shared.adapters.azure_tables._periods import PeriodTables
from shared.domain.limits import Rate
from shared.ports.clock import Clock
from shared.ports.store import Conflict, StoreLost

EXCHANGED_EVERY: Final = timedelta(seconds=60)
"""A total that is older is read again before it decides about what costs money."""

PUBLISHED_AFTER: Final = timedelta(seconds=15)
"""After a count, it is published even if nobody asks again (rule 15). An instance that is killed loses the counts
of this time. One that is told to stop loses none: the host lets it run for 30 seconds more, and Python is not told.
"""

MOST_PUBLISHED: Final = 100
"""Keys of one round, so that a stranger with many addresses does not cause a call for each of them every minute."""

REMEMBERED: Final = 4096


@dataclass(slots=True)
class _Shard:
    """What this instance knows of one key in one window."""

    window: int
    row: str
    """The key of its row. An earlier shard of the same key, which was forgotten here, has another one. What that one
    published counts like the rows of other instances."""
    mine: int = 0
    written: int = 0
    etag: str | None = None
    others: int = 0
    exchanged_at: datetime | None = None
    period: float = 0
    asked: bool = False
    """Whether it was asked or counted since the last exchange."""
    exact: bool = False
    """Whether it decides about what costs money."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class TableSharedTally:
    """`instance` distinguishes the rows of this process from those of others."""

    tables: PeriodTables
    clock: Clock
    instance: str
    publish_after: timedelta = PUBLISHED_AFTER
    _shards: dict[str, _Shard] = field(default_factory=dict)
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    _publishing: asyncio.Task[None] | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    async def spend(self, key: str, rate: Rate, *, counts: int, approximately: bool = False) -> bool:
        now = self.clock.now()
        # Windows are aligned to the clock, so that every instance counts the same hour, and none spans two weeks.
        window = int(now.timestamp() // rate.period.total_seconds())
        shard = self._shards.pop(key, None)
        if shard is None or shard.window != window:
            self._make_room()
            row = f"{window}-{self.instance}-{next(self._numbers)}"
            shard = _Shard(window, row, period=rate.period.total_seconds(), exact=not approximately)
        self._shards[key] = shard  # the newest last
        async with shard.lock:
            if approximately:
                pass  # the next round in the background learns what other instances have counted
            elif shard.exchanged_at is None or now >= shard.exchanged_at + EXCHANGED_EVERY:
                await self._exchange(key, shard, now)
        shard.asked = shard.asked or approximately
        within = shard.mine + shard.others < rate.limit
        shard.mine += counts if within else 0
        if (shard.asked or shard.mine != shard.written) and (self._publishing is None or self._publishing.done()):
            self._publishing = asyncio.create_task(self._publish())
        return within

    def give_back(self, key: str, rate: Rate, at: datetime) -> None:
        shard = self._shards.get(key)
        if shard is not None and shard.window == int(at.timestamp() // rate.period.total_seconds()):
            shard.mine = max(0, shard.mine - 1)

    def total(self, key: str, rate: Rate) -> int:
        shard = self._shards.get(key)
        current = int(self.clock.now().timestamp() // rate.period.total_seconds())
        return shard.mine + shard.others if shard is not None and shard.window == current else 0

    def seen_here(self, key: str, rate: Rate) -> int:
        window = int(self.clock.now().timestamp() // rate.period.total_seconds())
        earlier, count = self._seen.pop(key, (window, 0))
        self._seen[key] = (window, count + 1 if earlier == window else 1)  # the newest last, so that totals stay
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return self._seen[key][1]

    async def publish(self) -> None:
        """Write what was counted and read the others: first what costs money, then what was counted most."""
        now = self.clock.now()
        waiting = [
            (key, shard)
            for key, shard in self._shards.items()
            if shard.window == int(now.timestamp() // shard.period) and (shard.asked or shard.mine != shard.written)
        ]
        waiting.sort(key=lambda one: (not one[1].exact, one[1].written - one[1].mine))
        for _, shard in waiting[MOST_PUBLISHED:]:
            shard.asked = False
        for key, shard in waiting[:MOST_PUBLISHED]:
            with contextlib.suppress(StoreLost, Conflict):  # the next round, or the next request, tries again
                async with shard.lock:
                    shard.asked = False
                    await self._exchange(key, shard, now)

    async def close(self) -> None:
        """Publish the last counts, and nothing any more: the connections are being closed."""
        if self._publishing is not None:
            self._publishing.cancel()
        await self.publish()

    async def _publish(self) -> None:
        """Publish after a while, again if the store did not answer. The next count begins the next round."""
        while True:
            await asyncio.sleep(self.publish_after.total_seconds())
            await self.publish()
            now = self.clock.now().timestamp()
            if all(s.mine == s.written for s in self._shards.values() if s.window == int(now // s.period)):
                return

    def _make_room(self) -> None:
        """Forget the windows that have ended, then what was not counted, then the older half.

        Anybody with many addresses can fill the places. What costs money is forgotten only after it was published.
        """
        if len(self._shards) < REMEMBERED:
            return
        now = self.clock.now().timestamp()
        kept = {key: s for key, s in self._shards.items() if s.mine and s.window == int(now // s.period)}
        old = list(kept)[: len(kept) // 2] if len(kept) >= REMEMBERED else []
        for key in old:
            if not kept[key].exact or kept[key].mine == kept[key].written:
                del kept[key]
        self._shards = kept

    async def _exchange(self, key: str, shard: _Shard, now: datetime) -> None:
        """Write this instance's count if it changed, and read the counts of the others."""
        mine, table = shard.row, self.tables.at(now)
        if shard.mine != shard.written:
            values = {"count": shard.mine}
            try:
                if shard.etag is None:
                    shard.etag = await table.insert(key, mine, values)
                else:
                    shard.etag = await table.replace(key, mine, values, shard.etag)
            # Only this instance writes this row: an earlier write was applied and its response lost.
            except Conflict as lost:
                row = await table.read(key, mine)
                shard.etag = row.etag if row else None
                raise StoreLost from lost
            shard.written = shard.mine
        rows = table.query(
            "PartitionKey eq @key and RowKey ge @first and RowKey lt @last",
            {"key": key, "first": f"{shard.window}-", "last": f"{shard.window}-~"},
        )
        shard.others = sum([row.values["count"] async for row in rows if row.values["RowKey"] != mine])
        shard.exchanged_at = now
