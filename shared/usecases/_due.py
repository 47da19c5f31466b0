"""Keep the indexes by day and the row in step: the indexes are written first, then the row (D10).

An extra entry does no harm, because the row decides when the day has come. A missing one would lose a reminder, or keep
a removed contact for ever.
"""

import contextlib
from dataclasses import dataclass, replace

from shared.domain.forgetting import forget_day, leaves_at
from shared.domain.gates import due_at
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.store import StoreLost


@dataclass(frozen=True, slots=True)
class Scheduling:
    """The ports for the indexes, for the use-cases that change what is confirmed."""

    due: DueIndex
    forgetting: DueIndex
    clock: Clock
    policy: Policy

    async def entered(self, person: Person, *, before: Person) -> Person:
        """Add the days to the indexes and return the row with its due day. Call it before the row is written.

        A reminder that is already overdue keeps its day. Raises StoreLost.
        """
        for contact in set(person.removed) - set(before.removed):
            await self.forgetting.add(forget_day(leaves_at(contact)), person.account)
        when = due_at(person, self.policy)
        if when is None:
            return replace(person, reminder_day="")
        overdue = when <= self.clock.now() and person.reminder_day
        day = person.reminder_day if overdue else when.strftime("%Y%m%d")
        await self.due.add(day, person.account)
        return replace(person, reminder_day=day)

    async def leave(self, day: str, person: Person) -> None:
        """Remove the old entry from the index, if the store answers. Call it after the row was written.

        The change is made then, so that a failure must not make its answer "try again" (rule 31).
        """
        if day and day != person.reminder_day:
            with contextlib.suppress(StoreLost):
                await self.due.remove(day, person.account)
