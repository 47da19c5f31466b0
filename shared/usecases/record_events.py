"""Record the audit events that a request left in the queue, and keep the coverage in step with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.trail import AuditEvent
from shared.usecases._recording import Recording


@dataclass(frozen=True, slots=True)
class RecordEvents:
    """Records the events of each queue message once, even if it is delivered several times."""

    recording: Recording

    async def __call__(self, events: Sequence[AuditEvent], *, record_id: str) -> None:
        """Record them. Raises StoreLost; the queue then repeats the message."""
        await self.recording.record(events, record_id=record_id)
