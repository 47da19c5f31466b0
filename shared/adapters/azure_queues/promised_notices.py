"""Outbox and PromisedNotices: the queue of orders. A notice stays invisible for a while (rule 11, D7a)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.adapters.azure_queues._queue import Queue
from shared.domain.account import AccountKey
from shared.domain.trail import CodeOrder, NoticeOrder, ReminderOrder
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.promised_notices import SOON
from shared.ports.store import StoreLost
from shared.validation.records import encode_order

AT_ONCE: Final = 16
"""Messages that are sent at the same time."""


@dataclass(frozen=True, slots=True)
class QueuePromisedNotices:
    """Uses the SDK: the host writes an output binding after the handler, and answers an empty 500 if it cannot."""

    outbox: Queue
    owed: DueIndex
    clock: Clock

    async def leave(self, orders: Sequence[CodeOrder | ReminderOrder]) -> None:
        for first in range(0, len(orders), AT_ONCE):
            await asyncio.gather(*(self.outbox.send(encode_order(o)) for o in orders[first : first + AT_ONCE]))

    async def promise(self, order: NoticeOrder, *, delay: timedelta = SOON) -> None:
        await self.outbox.send(encode_order(order), delay=max(1, round(delay.total_seconds())))

    async def promise_or_enter(self, order: NoticeOrder) -> None:
        try:
            await self.promise(order)
        except StoreLost:
            await self.owed.add(f"{self.clock.now():%Y%m%d}", AccountKey(order.account))
