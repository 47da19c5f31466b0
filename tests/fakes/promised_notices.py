"""PromisedNotices in memory. Each becomes visible after its delay."""

from datetime import datetime, timedelta

from shared.domain.trail import NoticeOrder
from shared.ports.clock import Clock
from shared.ports.promised_notices import SOON
from shared.ports.store import StoreLost


class MemoryPromisedNotices:
    def __init__(self, clock: Clock) -> None:
        self.entered: list[NoticeOrder] = []
        self.promises: list[tuple[datetime, NoticeOrder]] = []
        self.is_lost = False
        self._clock = clock

    async def promise(self, order: NoticeOrder, *, delay: timedelta = SOON) -> None:
        if self.is_lost:
            raise StoreLost
        self.promises.append((self._clock.now() + delay, order))

    async def promise_or_enter(self, order: NoticeOrder) -> None:
        if self.is_lost:
            self.entered.append(order)
        else:
            await self.promise(order)

    def appeared(self) -> list[NoticeOrder]:
        """Remove and return the orders whose delay has passed."""
        now = self._clock.now()
        visible = [order for at, order in self.promises if at <= now]
        self.promises = [(at, order) for at, order in self.promises if at > now]
        return visible

    def taken(self) -> list[NoticeOrder]:
        """Remove and return all orders, as if their delays had passed."""
        orders = [order for _, order in self.promises]
        self.promises = []
        return orders

    async def settle(self) -> None:
        """Do nothing: nothing is sent in the background."""
