"""AuditLog: stores audit events."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Protocol

from shared.domain.trail import AuditEvent


class AuditLog(Protocol):
    """An append-only store, kept for a year (R-105). Reads are ranges of keys: their cost is what they return."""

    async def record(self, events: Sequence[AuditEvent], *, record_id: str) -> None:
        """Write the events of one step once, even if the same `record_id` is passed several times. Raises StoreLost."""
        ...

    def of_person(self, account: str, since: datetime, until: datetime, *, most: int) -> AsyncIterator[AuditEvent]:
        """Yield the newest events about one account from `since` to before `until` (UTC), newest first.

        At most `most` of them; the time of the last one is the `until` of the next page. Raises StoreLost.
        """
        ...

    def of_day(self, day: date) -> AsyncIterator[AuditEvent]:
        """Yield all events of one day (UTC), oldest first. Raises StoreLost."""
        ...
