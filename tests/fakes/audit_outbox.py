"""AuditOutbox in memory."""

from collections.abc import Sequence

from shared.domain.trail import AuditEvent


class MemoryAuditOutbox:
    def __init__(self) -> None:
        self.events: list[AuditEvent] = []

        self.records: dict[str, Sequence[AuditEvent]] = {}

    async def leave(self, events: Sequence[AuditEvent]) -> None:
        self.events += events

    async def send(self, events: Sequence[AuditEvent], *, record_id: str) -> None:
        self.events += () if record_id in self.records else events
        self.records[record_id] = events
