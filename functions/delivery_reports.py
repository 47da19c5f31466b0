"""QUEUE: what providers report about messages, as Event Grid writes it. Each holds a full address: never logged."""

import logging
from typing import List  # noqa: UP035  the worker knows `List`, not `list`, in Out[...]

import azure.functions as func

from shared.domain.audit import AuditEvent, Tag
from shared.domain.trail import Trail
from shared.usecases.mark_undelivered import MarkUndelivered
from shared.validation.events import encode_event
from shared.wiring import service

bp = func.Blueprint()


@bp.queue_trigger("msg", queue_name="delivery-reports", connection="AzureWebJobsStorage")
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def delivery_report(msg: func.QueueMessage, audit: func.Out[List[str]]) -> None:  # noqa: UP006
    """Mark what cannot be reached; raising brings the message back.

    An event has an `id` of its own, which the host puts in the place of the message's: `msg.id` says nothing here.
    """
    from shared.validation.delivery_reports import delivery_reports  # cold start: no HTTP request needs it

    trail = Trail()
    for report in delivery_reports(msg.get_body().decode()):
        await service().use(MarkUndelivered)(report, trail)
    audit.set([encode_event(event) for event in trail.events])


@bp.queue_trigger("msg", queue_name="delivery-reports-poison", connection="AzureWebJobsStorage")
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def delivery_report_poison(msg: func.QueueMessage, audit: func.Out[List[str]]) -> None:  # noqa: ARG001, UP006
    """Record that a report could not be read, without a word of it; taking it out of the queue ends its address too."""
    logging.getLogger("sesame.delivery_reports").error("lost: DeliveryReport")
    event = AuditEvent(tag=Tag.DELIVERY_LOST, at=service().adapters.clock.now(), cause="DeliveryReport")
    audit.set([encode_event(event)])
