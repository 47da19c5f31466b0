"""Outbox in memory."""

from collections.abc import Sequence

from shared.domain.trail import CodeOrder, Order, ReminderOrder
from shared.ports.store import StoreLost


class MemoryOutbox:
    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.is_lost = False
        self.wakes = 0

    async def leave(self, orders: Sequence[CodeOrder | ReminderOrder]) -> None:
        if self.is_lost:
            raise StoreLost
        self.orders.extend(orders)

    def wake(self) -> None:
        self.wakes += 1
