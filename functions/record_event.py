"""QUEUE: record the audit events of requests."""

import azure.functions as func

from functions._function import queue_function, text_of
from shared.domain.trail import Trail
from shared.validation.records import decode_events
from shared.wiring import AUDIT, service

bp = func.Blueprint()


@queue_function(bp, AUDIT)
async def record_event(msg: func.QueueMessage, _trail: Trail) -> None:
    """Append the events of one step to the audit log, once."""
    from shared.usecases.record_events import RecordEvents

    events, record_id = decode_events(text_of(msg))
    await service().use(RecordEvents)(events, record_id=record_id)
