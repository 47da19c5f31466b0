"""RateLimiter in memory, which counts with the functions of the domain."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.domain.limits import Allowance, Rate, Window, counted, credited, forgiven, verdict
from shared.ports.clock import Clock
from shared.ports.store import StoreLost

KEPT = timedelta(days=30)


class MemoryRateLimiter:
    def __init__(self, clock: Clock) -> None:
        self.windows: dict[str, dict[str, Window]] = {}
        self.hits: Counter[str] = Counter()
        self.is_lost = False
        self._at: dict[str, datetime] = {}
        self._clock = clock

    async def hit(self, key: str, rates: Sequence[Rate]) -> Allowance:
        await asyncio.sleep(0)
        if self.is_lost:
            raise StoreLost
        now, windows = self._clock.now(), self.windows.get(key, {})
        self.hits[key] += 1
        if (allowance := verdict(windows, rates, now)).allowed:
            self.windows[key] = {**windows, **counted(windows, rates, now)}
            self._at[key] = now
        return allowance

    def forgive(self, key: str) -> None:
        if key in self.windows:
            self.windows[key] = forgiven(self.windows[key], credited({}, self.windows[key]))

    async def forget(self, key: str) -> None:
        await asyncio.sleep(0)
        if self.is_lost:
            raise StoreLost
        self.windows.pop(key, None)
        self._at.pop(key, None)

    async def purge(self, now: datetime) -> int:
        idle = [key for key, at in self._at.items() if at < now - KEPT]
        for key in idle:
            del self._at[key], self.windows[key]
        return len(idle)
