"""People in memory, with revisions like ETags and the ways in which a store can lose an answer."""

import asyncio
from collections.abc import Callable
from enum import Enum, auto

from shared.domain.account import AccountKey
from shared.domain.person import Person
from shared.ports.people import Stored
from shared.ports.store import Conflict, StoreLost


class Fault(Enum):
    """What happens to one write."""

    CONFLICT = auto()
    """Not applied: another write came first."""
    APPLIED_THEN_CONFLICT = auto()
    """Applied, but reported as a conflict: a repeated request met its own first copy (rule 4)."""
    APPLIED_THEN_LOST = auto()
    """Applied, but the answer was lost."""
    LOST = auto()
    """Not applied: the request was lost."""


class MemoryPeople:
    def __init__(self) -> None:
        self.rows: dict[AccountKey, tuple[Person, int]] = {}
        self.faults: list[Fault | None] = []
        """What happens to the next writes, in order."""
        self.meanwhile: Callable[[], None] | None = None
        """Called once, just before the next write arrives."""
        self.writes = 0
        self.reads = 0

    async def read(self, account: AccountKey) -> Stored:
        await asyncio.sleep(0)  # lets parallel requests run in between
        self.reads += 1
        found = self.rows.get(account)
        return Stored(found[0], str(found[1])) if found else Stored(Person(account=account), None)

    async def beginning_with(self, beginning: str) -> tuple[Stored, ...]:
        await asyncio.sleep(0)
        found = [row for key, row in sorted(self.rows.items()) if key.startswith(beginning)]
        return tuple(Stored(person, str(revision)) for person, revision in found)

    async def following(self, account: str, most: int) -> tuple[Stored, ...]:
        found = [row for key, row in sorted(self.rows.items()) if key > account]
        return tuple(Stored(person, str(revision)) for person, revision in found[:most])

    async def write(self, person: Person, revision: str | None) -> Stored:
        await asyncio.sleep(0)
        person = person.within_places()
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        fault = self.faults.pop(0) if self.faults else None
        if fault is Fault.CONFLICT:
            raise Conflict
        if fault is Fault.LOST:
            raise StoreLost
        current = self.rows.get(person.account)
        if (str(current[1]) if current else None) != revision:
            raise Conflict
        self.put(person)
        self.writes += 1
        if fault is Fault.APPLIED_THEN_CONFLICT:
            raise Conflict
        if fault is Fault.APPLIED_THEN_LOST:
            raise StoreLost
        return Stored(person, str(self.rows[person.account][1]))

    def put(self, person: Person) -> None:
        """Set the row, whatever it was before."""
        revision = self.rows[person.account][1] + 1 if person.account in self.rows else 1
        self.rows[person.account] = (person, revision)

    async def delete(self, account: AccountKey, revision: str) -> None:
        await asyncio.sleep(0)
        if account in self.rows:
            if str(self.rows[account][1]) != revision:
                raise Conflict
            del self.rows[account]
