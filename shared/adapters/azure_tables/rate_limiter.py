"""RateLimiter: exact counters, one conditional write a hit when warm (rule 15)."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from shared.adapters.azure_tables._table import Table
from shared.domain.rate import Allowance, Rate, Window, counted, credited, forgiven, verdict
from shared.ports.clock import Clock
from shared.ports.store import Conflict

ROW: Final = "windows"
LOSSES: Final = 3
SPREAD_MILLISECONDS: Final = 40
REMEMBERED: Final = 4096
"""Counters whose last ETag an instance keeps; an older one costs a read again."""

KEPT: Final = timedelta(days=30)
PURGED_AT_ONCE: Final = 2000


@dataclass(slots=True)
class _Counter:
    """What this instance knows of one row. Without an ETag it takes the row to be missing, until an insert says no:
    most names and addresses are new, and a read before would be wasted on each.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    known: bool = True
    etag: str | None = None
    windows: Mapping[str, Window] = field(default_factory=dict)
    credit: Mapping[str, Window] = field(default_factory=dict)
    """Successes to take back with the next write."""


@dataclass(slots=True)
class TableRateLimiter:
    table: Table
    clock: Clock
    _counters: OrderedDict[str, _Counter] = field(default_factory=OrderedDict)

    async def hit(self, key: str, rates: Sequence[Rate]) -> Allowance:
        counter = self._counter(key)
        # One at a time within an instance: its own parallel requests must not lose races to each other.
        async with counter.lock:
            first_sight = 1 if counter.etag is None else 0  # an insert that finds the row there has lost no race
            for _ in range(LOSSES + first_sight):
                if not counter.known:
                    await self._read(key, counter)
                now = self.clock.now()
                credit = counter.credit
                windows = forgiven(counter.windows, credit)
                allowance = verdict(windows, rates, now)
                if not allowance.allowed:
                    return allowance
                # Windows of other rates on the same key stay as they are.
                after = {**windows, **counted(windows, rates, now)}
                try:
                    await self._write(key, counter, after, now)
                except Conflict:
                    counter.known = False
                    # Losers of one race, each in another instance, should not all meet again.
                    await asyncio.sleep(secrets.randbelow(SPREAD_MILLISECONDS) / 1000)
                    continue
                except BaseException:  # no answer, or cancelled: the write may have been applied
                    counter.known = False
                    raise
                # What was forgiven while the write was on its way is still to be taken back.
                counter.credit = forgiven(counter.credit, credit)
                return allowance
            return Allowance(allowed=False, retry_after=1)

    def forgive(self, key: str) -> None:
        counter = self._counter(key)
        counter.credit = credited(counter.credit, counter.windows)

    async def forget(self, key: str) -> None:
        counter = self._counter(key)
        async with counter.lock:
            await self.table.delete(key, ROW)
            # Another instance's ETag meets no row any more: a lost race, after which it reads again.
            counter.known, counter.etag, counter.windows, counter.credit = True, None, {}, {}

    async def purge(self, now: datetime) -> int:
        """Delete counters that nobody hit for 30 days (R-105)."""
        count = 0
        async for row in self.table.query("hit_at lt @horizon", {"horizon": now - KEPT}, page=PURGED_AT_ONCE):
            try:
                await self.table.delete(row.values["PartitionKey"], row.values["RowKey"], row.etag)
            except Conflict:
                continue
            count += 1
            if count >= PURGED_AT_ONCE:
                break
        return count

    def _counter(self, key: str) -> _Counter:
        counter = self._counters.setdefault(key, _Counter())
        self._counters.move_to_end(key)
        while len(self._counters) > REMEMBERED:
            self._counters.popitem(last=False)
        return counter

    async def _read(self, key: str, counter: _Counter) -> None:
        row = await self.table.read(key, ROW)
        counter.known = True
        counter.etag = row.etag if row else None
        counter.windows = _decode(row.values["body"]) if row else {}

    async def _write(self, key: str, counter: _Counter, windows: Mapping[str, Window], now: datetime) -> None:
        values = {"body": _encode(windows), "hit_at": now}
        if counter.etag is None:
            etag = await self.table.insert(key, ROW, values)
        else:
            etag = await self.table.replace(key, ROW, values, counter.etag)
        counter.etag, counter.windows = etag, windows


def _encode(windows: Mapping[str, Window]) -> str:
    return msgspec.json.encode({key: (w.since.timestamp(), w.count) for key, w in windows.items()}).decode()


def _decode(body: str) -> dict[str, Window]:
    stored = msgspec.json.decode(body, type=dict[str, tuple[float, int]])
    return {key: Window(datetime.fromtimestamp(since, UTC), count) for key, (since, count) in stored.items()}
