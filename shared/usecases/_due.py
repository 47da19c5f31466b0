"""Keep the indexes and the row in step: the indexes are written first, then the row (D10).

An extra entry does no harm, because the row decides when the day has come. A missing one would lose a reminder, or keep
a removed contact for ever.
"""

import contextlib
from dataclasses import dataclass, replace
from datetime import UTC

from shared.domain.forgetting import forget_day, leaves_at
from shared.domain.organisation import Organisation
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.reminders import Daytime, index_hour, next_entry
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.store import StoreLost


def daytime_of(person: Person, organisation: Organisation, policy: Policy) -> Daytime:
    """Return the hours in the time zone of the person, or else of the organisation, which is UTC if none was set."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415  read on first use

    try:
        return Daytime(ZoneInfo(person.time_zone or organisation.time_zone), policy)
    except (ValueError, OSError, KeyError):  # a row of a build with more zones
        return Daytime(UTC, policy)


@dataclass(frozen=True, slots=True)
class Scheduling:
    """The ports for the indexes, for the use-cases that change what is confirmed."""

    due: DueIndex
    organisation: Organisation
    forgetting: DueIndex
    clock: Clock
    policy: Policy

    async def entered(self, person: Person, *, before: Person) -> Person:
        """Add the entries to the indexes and return the row with its own. Call it before the row is written.

        A reminder that is already overdue keeps its entry. Raises StoreLost.
        """
        for contact in set(person.removed) - set(before.removed):
            await self.forgetting.add(forget_day(leaves_at(contact)), person.account)
        now = self.clock.now()
        when = next_entry(person, daytime_of(person, self.organisation, self.policy), now)
        if when is None:
            return replace(person, reminder_day="")
        is_read_already = "" < person.reminder_day <= index_hour(now)
        day = person.reminder_day if when <= now and is_read_already else index_hour(when)
        await self.due.add(day, person.account)
        return replace(person, reminder_day=day)

    async def leave(self, day: str, person: Person) -> None:
        """Remove the old entry from the index, if the store answers. Call it after the row was written.

        The change is made then, so that a failure must not make its answer "try again" (rule 31).
        """
        if day and day != person.reminder_day:
            with contextlib.suppress(StoreLost):
                await self.due.remove(day, person.account)
