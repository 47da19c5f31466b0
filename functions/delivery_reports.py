"""QUEUE: the delivery reports of providers, from Event Grid. Each has a full address and is never logged."""

from collections.abc import Sequence

import azure.functions as func

from functions._function import queue_function
from shared.domain.reachability import DeliveryReport
from shared.domain.trail import Trail
from shared.wiring import DELIVERY_REPORTS, service

bp = func.Blueprint()


def reports(text: str) -> Sequence[DeliveryReport]:
    """Return the reports of one message. Raises ValueError."""
    from shared.validation.delivery_reports import delivery_reports  # cold start: HTTP requests do not need it

    return delivery_reports(text)


@queue_function(bp, DELIVERY_REPORTS, reads=reports)
async def delivery_report(reports: Sequence[DeliveryReport], trail: Trail) -> None:
    """Record the reports of one message.

    The host sets `msg.id` to the `id` of the event, so it does not identify the queue message.
    """
    from shared.usecases.mark_undelivered import MarkUndelivered

    for report in reports:
        await service().use(MarkUndelivered)(report, trail)
