"""Outbox and PromisedNotices: the queue of orders. A notice stays invisible for a while (rule 11, D7a)."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.adapters.azure_queues._queue import Queue
from shared.domain.account import AccountKey
from shared.domain.trail import CodeOrder, NoticeOrder, ReminderOrder, WakeOrder
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.promised_notices import SOON
from shared.ports.store import StoreLost
from shared.validation.records import encode_order

AT_ONCE: Final = 16
"""Messages that are sent at the same time."""


WAKE_EVERY: Final = timedelta(seconds=10)
"""An instance of `deliver` stays for longer than that."""

WAKE_KEPT_SECONDS: Final = 60


class QueuePromisedNotices:
    """Uses the SDK: the host writes an output binding after the handler, and answers an empty 500 if it cannot."""

    def __init__(self, outbox: Queue, owed: DueIndex, clock: Clock) -> None:
        self.outbox = outbox
        self.owed = owed
        self.clock = clock
        self._woken: datetime | None = None
        self._waking: asyncio.Task[None] | None = None

    async def leave(self, orders: Sequence[CodeOrder | ReminderOrder]) -> None:
        for first in range(0, len(orders), AT_ONCE):
            await asyncio.gather(*(self.outbox.send(encode_order(o)) for o in orders[first : first + AT_ONCE]))

    def wake(self) -> None:
        # Each queue function of a Flex Consumption plan has instances of its own, and nothing starts one before it has
        # a message. The order has the size of all orders, and nobody waits for it.
        now = self.clock.now()
        if self._woken is None or now - self._woken >= WAKE_EVERY:
            self._woken = now
            self._waking = asyncio.create_task(self._send_wake_order())

    async def _send_wake_order(self) -> None:
        with contextlib.suppress(StoreLost):
            await self.outbox.send(encode_order(WakeOrder()), kept=WAKE_KEPT_SECONDS)

    async def settle(self) -> None:
        """Wait for what is sent in the background."""
        if self._waking is not None:
            await self._waking

    async def promise(self, order: NoticeOrder, *, delay: timedelta = SOON) -> None:
        await self.outbox.send(encode_order(order), delay=max(1, round(delay.total_seconds())))

    async def promise_or_enter(self, order: NoticeOrder) -> None:
        try:
            await self.promise(order)
        except StoreLost:
            await self.owed.add(f"{self.clock.now():%Y%m%d}", AccountKey(order.account))
