"""AuditOutbox in memory."""

from collections.abc import Sequence

from shared.domain.trail import AuditEvent


class MemoryAuditOutbox:
    def __init__(self) -> None:
        self.events: list[AuditEvent] = []

    async def leave(self, events: Sequence[AuditEvent]) -> None:
        self.events += events
