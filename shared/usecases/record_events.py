"""Record the audit events that a request left in the queue."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.trail import AuditEvent, believable
from shared.ports.audit_log import AuditLog
from shared.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class RecordEvents:
    """Records the events of each queue message once, even if it is delivered several times."""

    audit_log: AuditLog
    clock: Clock

    async def __call__(self, events: Sequence[AuditEvent], *, record_id: str) -> None:
        now = self.clock.now()
        await self.audit_log.record([believable(event, now) for event in events], record_id=record_id)
