"""PromisedNotices: sends a queue message that stays invisible for a while (rule 11, D7a)."""

from dataclasses import dataclass
from datetime import timedelta

from shared.adapters.azure_queues._queue import Queue
from shared.domain.account import AccountKey
from shared.domain.trail import NoticeOrder
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.promised_notices import SOON
from shared.ports.store import StoreLost
from shared.validation.records import encode_order


@dataclass(frozen=True, slots=True)
class QueuePromisedNotices:
    """Uses the SDK: an output binding cannot delay a message, and writes it only after the function succeeded."""

    outbox: Queue
    owed: DueIndex
    clock: Clock

    async def promise(self, order: NoticeOrder, *, delay: timedelta = SOON) -> None:
        await self.outbox.send(encode_order(order), delay=max(1, round(delay.total_seconds())))

    async def promise_or_enter(self, order: NoticeOrder) -> None:
        try:
            await self.promise(order)
        except StoreLost:
            await self.owed.add(f"{self.clock.now():%Y%m%d}", AccountKey(order.account))
