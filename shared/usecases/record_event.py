"""Record an audit event that a request left in the queue."""

from dataclasses import dataclass

from shared.domain.trail import AuditEvent
from shared.ports.audit_log import AuditLog


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """Records each queue message once, even if it is delivered several times."""

    audit_log: AuditLog

    async def __call__(self, event: AuditEvent, *, delivery: str) -> None:
        await self.audit_log.record(event, delivery=delivery)
