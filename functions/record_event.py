"""QUEUE: record the audit events of requests."""

from collections.abc import Sequence

import azure.functions as func

from functions._function import queue_function
from shared.domain.trail import AuditEvent, Trail
from shared.validation.records import decode_events
from shared.wiring import AUDIT, service

bp = func.Blueprint()


@queue_function(bp, AUDIT, decode_events)
async def record_event(message: tuple[Sequence[AuditEvent], str], _trail: Trail) -> None:
    """Append the events of one step to the audit log, once."""
    from shared.usecases.record_events import RecordEvents

    events, record_id = message
    await service().use(RecordEvents)(events, record_id=record_id)
