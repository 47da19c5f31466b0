"""QUEUE: send what is in the outbox: codes at most once, notices at least once."""

from typing import assert_never

import azure.functions as func

from functions._function import queue_function
from shared.domain.trail import CodeOrder, NoticeOrder, Order, ReminderOrder, Trail, WakeOrder
from shared.validation.records import decode_order
from shared.wiring import OUTBOX, service

bp = func.Blueprint()


@queue_function(bp, OUTBOX, decode_order)
async def deliver(order: Order, trail: Trail) -> None:
    """Send one code, the notices of one person, or one reminder."""
    from shared.usecases.deliver_code import DeliverCode
    from shared.usecases.deliver_expiry import DeliverExpiry
    from shared.usecases.deliver_notice import DeliverNotice
    from shared.usecases.deliver_reminder import DeliverReminder

    match order:
        case CodeOrder():
            await service().use(DeliverCode)(order, trail)
        case NoticeOrder():
            await service().use(DeliverNotice)(order, trail)
        case ReminderOrder(expiry=True):
            await service().use(DeliverExpiry)(order, trail)
        case ReminderOrder():
            await service().use(DeliverReminder)(order, trail)
        case WakeOrder():
            pass  # the instance has started
        case _:
            assert_never(order)
