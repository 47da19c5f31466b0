"""Find the registrations that are due, and order one reminder for each (M13)."""

from dataclasses import dataclass

from shared.domain.trail import ReminderOrder
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.outbox import Outbox

MOST_PER_RUN = 5_000
"""Keeps a run within the host's time limit. The rest is still due at the next run, an hour later."""


@dataclass(frozen=True, slots=True)
class Remind:
    """Reads only the Due index, so its cost does not grow with the number of accounts (D10)."""

    due: DueIndex
    outbox: Outbox
    clock: Clock

    async def __call__(self) -> None:
        """Order the reminders of this hour. A run may repeat an order; `deliver` claims each by account and hour.

        Raises StoreLost. The next run orders what this one could not.
        """
        orders: list[ReminderOrder] = []
        async for day, account in self.due.due(self.clock.now()):
            orders.append(ReminderOrder(account=account, day=day))
            if len(orders) >= MOST_PER_RUN:
                break
        await self.outbox.leave(orders)
