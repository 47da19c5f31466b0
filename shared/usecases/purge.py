"""Delete what has expired."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.domain.account import AccountKey
from shared.domain.errors import TryAgain
from shared.domain.forgetting import forgotten
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.expired import Expired
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.ports.store import Conflict
from shared.usecases._rows import Rows

AT_ONCE: Final = 16
"""Rows that are handled at the same time."""

LONGEST: Final = timedelta(minutes=4)
"""Time for one run, far below `functionTimeout` of host.json, after which the host kills the whole process. The next
run goes on where this one stopped."""

_LOG: Final = logging.getLogger("sesame.purge")


@dataclass(frozen=True, slots=True)
class Purge:
    """Drops periods, and empties the rows whose day has come. It reads nothing else, so its cost is what has expired.

    A failure of one store or row stops no other. What was not done is still due at the next run.
    """

    expiring: tuple[Expired, ...]
    forgetting: DueIndex
    people: People
    rows: Rows
    randomness: Randomness
    clock: Clock

    async def __call__(self) -> int:
        """Delete, and return the number of periods and rows. Failures are logged."""
        now, count, failures = self.clock.now(), 0, 0
        for store in self.expiring:
            try:
                count += await store.purge(now)
            except TryAgain:
                failures += 1
        try:
            async for portion in self._due():
                done = await asyncio.gather(*(self._forget(*entry) for entry in portion))
                count += sum(done)
                failures += len(done) - sum(done)
                if self.clock.now() >= now + LONGEST:
                    break
        except TryAgain:
            failures += 1
        if failures:
            _LOG.error("%d stores or rows could not be purged", failures)
        return count

    async def _due(self) -> AsyncIterator[list[tuple[str, AccountKey]]]:
        portion = []
        async for entry in self.forgetting.due(self.clock.now().date()):
            portion.append(entry)
            if len(portion) == AT_ONCE:
                yield portion
                portion = []
        yield portion

    async def _forget(self, day: str, account: AccountKey) -> bool:
        """Delete the removed contacts that have expired, and a row that was erased. Return whether it was done."""
        row = self.rows.change(account, self.randomness.token())
        try:
            while True:
                person = await row.read()
                after = forgotten(person, self.clock.now())
                if await row.write(None if after == person else after):
                    break
            if row.stored.person.is_empty and row.stored.revision is not None:
                await self.people.delete(account, row.stored.revision)
            await self.forgetting.remove(day, account)
        except (TryAgain, Conflict):
            return False
        return True
