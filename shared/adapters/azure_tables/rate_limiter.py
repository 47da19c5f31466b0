"""RateLimiter: exact counters. On a warm instance, a hit is one conditional write (rule 15).

Counters are in tables by week. A window that began in the last week goes on: as long as one may, the counter's row of
the last week is read before its first hit of this week.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from shared.adapters.azure_tables._periods import PeriodTables
from shared.domain.limits import Allowance, Rate, Window, admitted, counted, credited, forgiven
from shared.domain.periods import time_into_week, week_before, week_of
from shared.ports.clock import Clock
from shared.ports.store import Conflict
from shared.validation.records import decode, encode

ROW: Final = "windows"
LOSSES: Final = 3
SPREAD_MILLISECONDS: Final = 40
REMEMBERED: Final = 4096
"""Number of counters whose last ETag an instance keeps. An older one needs a read first."""


@dataclass(slots=True)
class _Counter:
    """The last known state of one row, in the table of `week`.

    Without an ETag the row is assumed missing until an insert fails: most names and addresses are new, and reading each
    first would cost a call.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    week: str = ""
    known: bool = True
    etag: str | None = None
    windows: Mapping[str, Window] = field(default_factory=dict)
    credit: Mapping[str, Window] = field(default_factory=dict)
    """Number of successes to subtract with the next write."""


@dataclass(slots=True)
class TableRateLimiter:
    tables: PeriodTables
    clock: Clock
    _counters: OrderedDict[str, _Counter] = field(default_factory=OrderedDict)

    async def hit(self, key: str, rates: Sequence[Rate], *reserves: Sequence[Rate]) -> Allowance:
        counter = self._counter(key)
        # One write at a time within an instance, so that its own parallel requests do not conflict with each other.
        async with counter.lock:
            self._enter_week(counter, [rate for lane in (rates, *reserves) for rate in lane])
            first_sight = 1 if counter.etag is None else 0  # an insert that finds an existing row is not a conflict
            for attempt in range(LOSSES + first_sight):
                now = self.clock.now()
                if not counter.known:
                    await self._read(key, counter, now)
                credit = counter.credit
                windows = forgiven(counter.windows, credit)
                allowance = admitted(windows, (rates, *reserves), now)
                if not allowance.allowed:
                    return allowance
                after = counted(windows, allowance.counted, now)
                try:
                    await self._write(key, counter, after)
                except Conflict:
                    counter.known = False
                    if attempt >= first_sight:  # a random wait, so that instances that conflicted do not conflict again
                        await asyncio.sleep(secrets.randbelow(SPREAD_MILLISECONDS) / 1000)
                    continue
                except BaseException:  # no response, or cancelled: the write may have been applied
                    counter.known = False
                    raise
                # Hits forgiven while this write was under way are still to be subtracted.
                counter.credit = forgiven(counter.credit, credit)
                return allowance
            return Allowance(allowed=False, retry_after=1, contended=True)

    def forgive(self, key: str, hit: Allowance) -> None:
        counter = self._counter(key)
        counter.credit = credited(counter.credit, counter.windows, hit)

    async def forget(self, key: str) -> None:
        counter = self._counter(key)
        async with counter.lock:
            for week in {counter.week, week_of(now := self.clock.now()), week_before(now)} - {""}:
                await self.tables.of(week).delete(key, ROW)
            # The ETag of another instance matches no row any more. That is a conflict, after which the row is read
            # again.
            counter.known, counter.etag, counter.windows, counter.credit = True, None, {}, {}

    def _counter(self, key: str) -> _Counter:
        counter = self._counters.setdefault(key, _Counter())
        self._counters.move_to_end(key)
        while len(self._counters) > REMEMBERED:
            self._counters.popitem(last=False)
        return counter

    def _enter_week(self, counter: _Counter, rates: Sequence[Rate]) -> None:
        now = self.clock.now()
        if counter.week != week_of(now):
            carries_over = time_into_week(now) < max(rate.period for rate in rates)
            counter.week, counter.known, counter.etag, counter.windows = week_of(now), not carries_over, None, {}

    async def _read(self, key: str, counter: _Counter, now: datetime) -> None:
        row = await self.tables.of(counter.week).read(key, ROW)
        counter.known = True
        counter.etag = row.etag if row else None
        row = row or await self.tables.of(week_before(now)).read(key, ROW)
        counter.windows = _decode(row.values["body"]) if row else {}

    async def _write(self, key: str, counter: _Counter, windows: Mapping[str, Window]) -> None:
        table, values = self.tables.of(counter.week), {"body": _encode(windows)}
        if counter.etag is None:
            etag = await table.insert(key, ROW, values)
        else:
            etag = await table.replace(key, ROW, values, counter.etag)
        counter.etag, counter.windows = etag, windows


def _encode(windows: Mapping[str, Window]) -> str:
    return encode({key: (w.since.timestamp(), w.count) for key, w in windows.items()})


def _decode(body: str) -> dict[str, Window]:
    stored = decode(dict[str, tuple[float, int]], body)
    return {key: Window(datetime.fromtimestamp(since, UTC), count) for key, (since, count) in stored.items()}
