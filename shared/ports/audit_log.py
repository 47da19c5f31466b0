"""AuditLog: where audit events end up."""

from typing import Protocol

from shared.domain.audit import AuditEvent


class AuditLog(Protocol):
    """Append-only."""

    async def record(self, event: AuditEvent, *, delivery: str) -> None:
        """Write the event once, however often the same `delivery` is handed over. Raises StoreLost."""
        ...
