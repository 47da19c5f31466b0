"""AuditLog in memory."""

from datetime import datetime, timedelta

from shared.domain.trail import AuditEvent

KEPT = timedelta(days=365)


class MemoryAuditLog:
    def __init__(self) -> None:
        self.events: dict[str, AuditEvent] = {}

    async def record(self, event: AuditEvent, *, delivery: str) -> None:
        self.events.setdefault(delivery, event)

    async def purge(self, now: datetime) -> int:
        old = [delivery for delivery, event in self.events.items() if event.at.date() < (now - KEPT).date()]
        for delivery in old:
            del self.events[delivery]
        return len(old)
