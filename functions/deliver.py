"""QUEUE: send what is in the outbox: codes at most once, notices at least once. Lost messages are recorded."""

import logging
from typing import assert_never

import azure.functions as func

from functions._function import queue_function, text_of
from shared.domain.trail import AuditEvent, CodeOrder, NoticeOrder, ReminderOrder, Tag, Trail
from shared.validation.records import decode_order
from shared.wiring import AUDIT, OUTBOX, POISON, service

bp = func.Blueprint()


@queue_function(bp, OUTBOX, outputs=(AUDIT,))
async def deliver(msg: func.QueueMessage, trail: Trail) -> None:
    """Send one code, the notices of one person, or one reminder."""
    from shared.usecases.deliver_code import DeliverCode
    from shared.usecases.deliver_notice import DeliverNotice
    from shared.usecases.deliver_reminder import DeliverReminder

    order = decode_order(text_of(msg))
    match order:
        case CodeOrder():
            await service().use(DeliverCode)(order, trail)
        case NoticeOrder():
            await service().use(DeliverNotice)(order, trail)
        case ReminderOrder():
            await service().use(DeliverReminder)(order, trail)
        case _:
            assert_never(order)


@queue_function(bp, OUTBOX + POISON, outputs=(AUDIT,))
async def deliver_poison(msg: func.QueueMessage, trail: Trail) -> None:
    """Record an order that could not be delivered. A notice is promised again, because it is still on the row."""
    from shared.usecases.tell_later import TellLater

    try:
        order = decode_order(text_of(msg))
    except ValueError:
        logging.getLogger("sesame.deliver").warning("a poison message that is not ours")
        return
    again = isinstance(order, NoticeOrder) and await service().use(TellLater)(order)
    kind = type(order).__name__
    logging.getLogger("sesame.deliver").error("%s: %s", "put off" if again else "lost", kind)
    now = service().adapters.clock.now()
    trail.events.append(AuditEvent(tag=Tag.DELIVERY_LOST, at=now, account=order.account, cause=kind))
