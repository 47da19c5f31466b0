"""Record an audit event that a request left in the queue."""

from dataclasses import dataclass

from shared.domain.audit import AuditEvent
from shared.ports.audit_log import AuditLog


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """Once for each queue message, however often that is delivered."""

    audit_log: AuditLog

    async def __call__(self, event: AuditEvent, *, delivery: str) -> None:
        await self.audit_log.record(event, delivery=delivery)
