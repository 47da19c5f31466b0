"""Note when the password of a person expires, so that they can be told before (M11)."""

import contextlib
from dataclasses import dataclass

from shared.domain.account import DirectoryEntry
from shared.domain.expiry import expecting
from shared.domain.organisation import Organisation
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.store import StoreLost
from shared.usecases._due import daytime_of


@dataclass(frozen=True, slots=True)
class ExpiryDates:
    """The ports for it, for those who have just read the entry of the directory."""

    expiries: DueIndex
    organisation: Organisation
    clock: Clock
    policy: Policy

    async def noted(self, person: Person, entry: DirectoryEntry) -> Person:
        """Return the row with the day, after the index was written. Call it before the row is written.

        Nothing is written where the day is the one that is known. Without the index the row stays as it is: the next
        time notes it.
        """
        if entry.password_expires_at is None and person.expiry is None:  # most directories, and no zone is read
            return person
        daytime = daytime_of(person, self.organisation, self.policy)
        after = expecting(person, entry.password_expires_at, daytime, self.clock.now())
        if after.expiry is not None and after.expiry != person.expiry:
            try:
                await self.expiries.add(after.expiry.entry, person.account)
            except StoreLost:
                return person
        return after

    async def leave(self, before: Person, after: Person) -> None:
        """Remove the earlier entry from the index, if the store answers. Call it after the row was written.

        One that stays is removed at its hour, when the row has another one.
        """
        if before.expiry and (after.expiry is None or after.expiry.entry != before.expiry.entry):
            with contextlib.suppress(StoreLost):
                await self.expiries.remove(before.expiry.entry, before.account)
