"""Outbox: the queue of what is to be sent."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.trail import CodeOrder, ReminderOrder


class Outbox(Protocol):
    """Queues orders for `deliver` before the answer: a code that an answer tells of has been ordered (rule 31)."""

    async def leave(self, orders: Sequence[CodeOrder | ReminderOrder]) -> None:
        """Queue the orders. Raises StoreLost; an order may have been queued all the same."""
        ...

    def wake(self) -> None:
        """Start what delivers, soon and in the background: a code will be ordered, perhaps. At most once in a while."""
        ...
