"""Find the registrations that are due and the passwords that expire, and order one reminder for each (M13, M11)."""

from dataclasses import dataclass

from shared.domain.trail import ReminderOrder
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.outbox import Outbox

MOST_PER_RUN = 5_000
"""Keeps a run within the host's time limit. The rest is still due at the next run, an hour later."""


@dataclass(frozen=True, slots=True)
class Remind:
    """Reads only what is due in the two indexes, so its cost does not grow with the number of accounts (D10)."""

    due: DueIndex
    expiries: DueIndex
    outbox: Outbox
    clock: Clock

    async def __call__(self) -> None:
        """Order the reminders of this hour. A run may repeat an order; `deliver` claims each by account and hour.

        Raises StoreLost. The next run orders what this one could not.
        """
        orders: list[ReminderOrder] = []
        for index, is_of_expiries in ((self.expiries, True), (self.due, False)):
            async for day, account in index.due(self.clock.now()):
                if len(orders) >= MOST_PER_RUN:
                    break
                orders.append(ReminderOrder(account=account, day=day, expiry=is_of_expiries))
        await self.outbox.leave(orders)
