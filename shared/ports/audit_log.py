"""AuditLog: stores audit events."""

from typing import Protocol

from shared.domain.trail import AuditEvent


class AuditLog(Protocol):
    """An append-only store."""

    async def record(self, event: AuditEvent, *, delivery: str) -> None:
        """Write the event once, even if the same `delivery` is passed several times. Raises StoreLost."""
        ...
