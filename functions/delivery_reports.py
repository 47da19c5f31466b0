"""QUEUE: the delivery reports of providers, from Event Grid. Each has a full address and is never logged."""

import logging

import azure.functions as func

from functions._function import queue_function, text_of
from shared.domain.trail import AuditEvent, Tag, Trail
from shared.wiring import AUDIT, DELIVERY_REPORTS, POISON, service

bp = func.Blueprint()


@queue_function(bp, DELIVERY_REPORTS, outputs=(AUDIT,))
async def delivery_report(msg: func.QueueMessage, trail: Trail) -> None:
    """Record the reports of one message.

    The host sets `msg.id` to the `id` of the event, so it does not identify the queue message.
    """
    from shared.usecases.mark_undelivered import MarkUndelivered
    from shared.validation.delivery_reports import delivery_reports

    for report in delivery_reports(text_of(msg)):
        await service().use(MarkUndelivered)(report, trail)


@queue_function(bp, DELIVERY_REPORTS + POISON, outputs=(AUDIT,))
async def delivery_report_poison(_msg: func.QueueMessage, trail: Trail) -> None:
    """Record that a report could not be read, without its text. Its removal from the queue deletes the address."""
    logging.getLogger("sesame.delivery_reports").error("lost: DeliveryReport")
    now = service().adapters.clock.now()
    trail.events.append(AuditEvent(tag=Tag.DELIVERY_LOST, at=now, cause="DeliveryReport"))
