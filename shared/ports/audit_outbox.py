"""AuditOutbox: passes audit events to the queue from which they are recorded."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.trail import AuditEvent


class AuditOutbox(Protocol):
    """What an answer must not wait for, nor depend on (rule 31)."""

    async def leave(self, events: Sequence[AuditEvent]) -> None:
        """Queue the events of one step, and log those that an alert counts (infra/app/alerts.bicep).

        Never raises: what cannot be queued now is kept, and queued later.
        """
        ...

    async def send(self, events: Sequence[AuditEvent], *, record_id: str) -> None:
        """Queue the events of a step that may be repeated. They are recorded once for each id. Raises StoreLost."""
        ...
