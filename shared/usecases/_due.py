"""Keeping the Due index and the row in step: the index first, then the row (D10).

An entry too many is harmless, since `deliver` reads the row before it acts; an entry too few would lose the reminder.
"""

from dataclasses import dataclass, replace

from shared.domain.gates import due_at
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex


@dataclass(frozen=True, slots=True)
class Scheduling:
    """Bundled once for the use-cases that change what is confirmed."""

    due: DueIndex
    clock: Clock
    policy: Policy

    def scheduled(self, person: Person) -> Person:
        """The row with its day in the index. A reminder that is already overdue keeps the day it was moved to."""
        when = due_at(person, self.policy)
        if when is None:
            return replace(person, reminder_day="")
        if when <= self.clock.now() and person.reminder_day:
            return person
        return replace(person, reminder_day=when.strftime("%Y%m%d"))

    async def enter(self, person: Person) -> None:
        """Before the row is written."""
        if person.reminder_day:
            await self.due.add(person.reminder_day, person.account)

    async def leave(self, day: str, person: Person) -> None:
        """After it: take the old entry out."""
        if day and day != person.reminder_day:
            await self.due.remove(day, person.account)
