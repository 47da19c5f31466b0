"""QUEUE: the audit events that requests leave behind."""

import azure.functions as func

from shared.usecases.record_event import RecordEvent
from shared.validation.events import decode_event
from shared.wiring import service

bp = func.Blueprint()


@bp.queue_trigger("msg", queue_name="audit", connection="AzureWebJobsStorage")
async def record_event(msg: func.QueueMessage) -> None:
    """Append one event to the audit log, once."""
    await service().use(RecordEvent)(decode_event(msg.get_body().decode()), delivery=msg.id or "")
