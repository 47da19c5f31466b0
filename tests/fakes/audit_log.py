"""AuditLog in memory."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime

from shared.domain.trail import AuditEvent


class MemoryAuditLog:
    def __init__(self) -> None:
        self.records: dict[str, Sequence[AuditEvent]] = {}

    @property
    def events(self) -> list[AuditEvent]:
        """All events, oldest first."""
        return sorted((event for events in self.records.values() for event in events), key=lambda event: event.at)

    async def record(self, events: Sequence[AuditEvent], *, record_id: str) -> None:
        self.records.setdefault(record_id, tuple(events))

    async def of_person(
        self, account: str, since: datetime, until: datetime, *, most: int
    ) -> AsyncIterator[AuditEvent]:
        found = [event for event in self.events if event.account == account and since <= event.at < until]
        for event in found[::-1][:most]:
            yield event

    async def of_day(self, day: date) -> AsyncIterator[AuditEvent]:
        for event in self.events:
            if event.at.date() == day:
                yield event
