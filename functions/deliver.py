"""QUEUE: the outbox. Codes at most once, notices at least once; what ends in the poison queue is recorded."""

import logging
from typing import List, assert_never  # noqa: UP035  the worker knows `List`, not `list`, in Out[...]

import azure.functions as func

from shared.domain.audit import AuditEvent, Tag
from shared.domain.trail import Trail
from shared.usecases.deliver_code import DeliverCode
from shared.usecases.deliver_notice import DeliverNotice
from shared.usecases.deliver_reminder import DeliverReminder
from shared.usecases.tell_later import TellLater
from shared.validation.events import encode_event
from shared.wiring import service

bp = func.Blueprint()


@bp.queue_trigger("msg", queue_name="outbox", connection="AzureWebJobsStorage")
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def deliver(msg: func.QueueMessage, audit: func.Out[List[str]]) -> None:  # noqa: UP006
    """Send one code, tell one person, or reminder one; raising brings the message back."""
    from shared.domain.claims import CodeOrder  # cold start: no HTTP request needs what follows
    from shared.domain.message import NoticeOrder, ReminderOrder
    from shared.validation.orders import decode_order

    trail = Trail()
    order = decode_order(msg.get_body().decode())
    match order:
        case CodeOrder():
            await service().use(DeliverCode)(order, trail)
        case NoticeOrder():
            await service().use(DeliverNotice)(order, trail)
        case ReminderOrder():
            await service().use(DeliverReminder)(order, trail)
        case _:
            assert_never(order)
    audit.set([encode_event(event) for event in trail.events])


@bp.queue_trigger("msg", queue_name="outbox-poison", connection="AzureWebJobsStorage")
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def deliver_poison(msg: func.QueueMessage, audit: func.Out[List[str]]) -> None:  # noqa: UP006
    """Record a message that could not be delivered. A notice is promised again: it still stands on the person's row."""
    from shared.domain.message import NoticeOrder
    from shared.validation.orders import decode_order

    try:
        order = decode_order(msg.get_body().decode())
    except ValueError:
        logging.getLogger("sesame.deliver").warning("a poison message that is not ours")
        return
    again = isinstance(order, NoticeOrder) and await service().use(TellLater)(order)
    logging.getLogger("sesame.deliver").error("%s: %s", "put off" if again else "lost", type(order).__name__)
    event = AuditEvent(
        tag=Tag.DELIVERY_LOST, at=service().adapters.clock.now(), account=order.account, cause=type(order).__name__
    )
    audit.set([encode_event(event)])
