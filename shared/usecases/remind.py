"""Remind: find the registrations that are due, and order one reminder for each (M13)."""

from dataclasses import dataclass

from shared.domain.message import ReminderOrder
from shared.domain.trail import Trail
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex

MOST_PER_RUN = 5_000
"""What is left over is still due an hour later; a run must end well within the host's time limit."""


@dataclass(frozen=True, slots=True)
class Remind:
    """Reads the index of what is due and nothing else: its cost does not grow with the number of people (D10)."""

    due: DueIndex
    clock: Clock

    async def __call__(self, trail: Trail) -> None:
        """Orders may be repeated by the next run; `deliver` claims each by account and day."""
        async for day, account in self.due.due(self.clock.now().date()):
            trail.orders.append(ReminderOrder(account=account, day=day))
            if len(trail.orders) >= MOST_PER_RUN:
                return
