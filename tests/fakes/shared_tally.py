"""SharedTally in memory: one total for all instances."""

from collections import Counter
from datetime import datetime

from shared.domain.limits import Rate
from shared.ports.clock import Clock


class MemorySharedTally:
    def __init__(self, clock: Clock) -> None:
        self.totals: Counter[tuple[str, int]] = Counter()
        self._clock = clock

    async def spend(self, key: str, rate: Rate, *, counts: int, approximately: bool = False) -> bool:
        window = key, int(self._clock.now().timestamp() // rate.period.total_seconds())
        if self.totals[window] >= rate.limit:
            return False
        self.totals[window] += counts
        return True

    def give_back(self, key: str, rate: Rate, at: datetime) -> None:
        window = key, int(at.timestamp() // rate.period.total_seconds())
        self.totals[window] = max(0, self.totals[window] - 1)

    def total(self, key: str, rate: Rate) -> int:
        return self.totals[key, int(self._clock.now().timestamp() // rate.period.total_seconds())]

    def seen_here(self, key: str, rate: Rate) -> int:
        window = f"here {key}", int(self._clock.now().timestamp() // rate.period.total_seconds())
        self.totals[window] += 1
        return self.totals[window]
