"""Record the events of a message, and count those about whom they are: from the queue, and from what it gave up."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.trail import AuditEvent, believable
from shared.ports.audit_log import AuditLog
from shared.ports.clock import Clock
from shared.usecases._counting import Counting


@dataclass(frozen=True, slots=True)
class Recording:
    """Each message once, even if it is delivered several times."""

    audit_log: AuditLog
    counting: Counting
    clock: Clock

    async def record(self, events: Sequence[AuditEvent], *, record_id: str) -> None:
        """Record and count. Raises StoreLost; it can then be repeated."""
        now = self.clock.now()
        await self.audit_log.record([believable(event, now) for event in events], record_id=record_id)
        await self.counting.events(events)
