"""RateLimiter in memory, which counts with the functions of the domain."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from shared.domain.limits import Allowance, Rate, Window, admitted, counted, credited, forgiven
from shared.ports.clock import Clock
from shared.ports.store import StoreLost


class MemoryRateLimiter:
    def __init__(self, clock: Clock) -> None:
        self.windows: dict[str, dict[str, Window]] = {}
        self.hits: Counter[str] = Counter()
        self.is_lost = False
        self._clock = clock

    async def hit(self, key: str, rates: Sequence[Rate], *reserves: Sequence[Rate]) -> Allowance:
        await asyncio.sleep(0)
        if self.is_lost:
            raise StoreLost
        now, windows = self._clock.now(), self.windows.get(key, {})
        self.hits[key] += 1
        if (allowance := admitted(windows, (rates, *reserves), now)).allowed:
            self.windows[key] = counted(windows, allowance.counted, now)
        return allowance

    def forgive(self, key: str, hit: Allowance) -> None:
        if key in self.windows:
            self.windows[key] = forgiven(self.windows[key], credited({}, self.windows[key], hit))

    async def forget(self, key: str) -> None:
        await asyncio.sleep(0)
        if self.is_lost:
            raise StoreLost
        self.windows.pop(key, None)
