"""PromisedNotices: a delayed message that ensures a notice is sent even if this process stops."""

from datetime import timedelta
from typing import Final, Protocol

from shared.domain.trail import NoticeOrder

SOON: Final = timedelta(seconds=3)
"""Delay of the message: long enough for the write of the change, in most cases. An order that comes too early is put
back into the queue, so that a longer write loses no notice."""


class PromisedNotices(Protocol):
    """Queues an order that appears after a delay and makes `deliver` read the row (rule 11)."""

    async def promise(self, order: NoticeOrder, *, delay: timedelta = SOON) -> None:
        """Queue the order. Raises StoreLost; the caller then does not make the change that the notice is about."""
        ...

    async def promise_or_enter(self, order: NoticeOrder) -> None:
        """Queue the order. Without the queue, enter its account into an index that the sweep reads.

        For a wrong answer that suspends a method. If it were refused with "try again" while the queue is out of reach,
        wrong answers would cost nothing, and right ones would still be accepted (rule 3). Raises StoreLost.
        """
        ...
