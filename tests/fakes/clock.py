"""A Clock that a test moves. Each read shows the same time, or `tick` later."""

from datetime import UTC, datetime, timedelta
from typing import Any

MONDAY_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class FixedClock:
    def __init__(self, at: datetime = MONDAY_MORNING) -> None:
        self.at = at
        self.tick = timedelta()

    def now(self) -> datetime:
        self.at += self.tick
        return self.at

    def move(self, **span: Any) -> None:
        """Move the clock forward by a `timedelta`, as in `clock.move(minutes=5)`."""
        self.at += timedelta(**span)
