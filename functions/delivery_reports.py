"""QUEUE: delivery reports, and people's STOP and START, from Event Grid. Each has a full address; none is logged."""

from collections.abc import Sequence

import azure.functions as func

from functions._function import queue_function
from shared.domain.reachability import DeliveryReport, Reply
from shared.domain.trail import Trail
from shared.wiring import DELIVERY_REPORTS, service

bp = func.Blueprint()


def reports(text: str) -> Sequence[DeliveryReport | Reply]:
    """Return the reports of one message. Raises ValueError."""
    from shared.validation.delivery_reports import delivery_reports  # cold start: HTTP requests do not need it

    return delivery_reports(text)


@queue_function(bp, DELIVERY_REPORTS, reads=reports)
async def delivery_report(reports: Sequence[DeliveryReport | Reply], trail: Trail) -> None:
    """Record the reports of one message.

    The host sets `msg.id` to the `id` of the event, so it does not identify the queue message.
    """
    from shared.usecases.mark_undelivered import MarkUndelivered
    from shared.usecases.note_reply import NoteReply

    for report in reports:
        match report:
            case Reply():
                await service().use(NoteReply)(report, trail)
            case DeliveryReport():
                await service().use(MarkUndelivered)(report, trail)
