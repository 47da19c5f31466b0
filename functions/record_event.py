"""QUEUE: record the audit events of requests."""

import azure.functions as func

from functions._function import queue_function, text_of
from shared.domain.trail import Trail
from shared.usecases.record_event import RecordEvent
from shared.validation.records import decode_event
from shared.wiring import AUDIT, service

bp = func.Blueprint()


@queue_function(bp, AUDIT)
async def record_event(msg: func.QueueMessage, _trail: Trail) -> None:
    """Append one event to the audit log, once."""
    await service().use(RecordEvent)(decode_event(text_of(msg)), delivery=msg.id or "")
