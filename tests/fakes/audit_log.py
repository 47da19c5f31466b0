"""AuditLog in memory."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from shared.domain.trail import AuditEvent
from shared.ports.audit_log import By, Recorded, place_of


class MemoryAuditLog:
    def __init__(self) -> None:
        self.records: dict[str, Sequence[AuditEvent]] = {}

    @property
    def events(self) -> list[AuditEvent]:
        """All events, oldest first."""
        return sorted((event for events in self.records.values() for event in events), key=lambda event: event.at)

    async def record(self, events: Sequence[AuditEvent], *, record_id: str) -> None:
        self.records.setdefault(record_id, tuple(events))

    async def find(
        self, by: By, value: str, since: datetime, until: datetime, *, most: int, after: str = ""
    ) -> AsyncIterator[Recorded]:
        found = sorted(
            (
                Recorded(event, place_of(event.at, record_id, number))
                for record_id, events in self.records.items()
                for number, event in enumerate(events)
            ),
            key=lambda recorded: recorded.place,
        )
        field = {By.ACCOUNT: "account", By.ACTOR: "actor", By.REFERENCE: "reference"}.get(by)
        for recorded in found:
            wanted = field is None or getattr(recorded.event, field) == value
            if wanted and since <= recorded.event.at < until and recorded.place > after:
                yield recorded
                most -= 1
                if not most:
                    return
