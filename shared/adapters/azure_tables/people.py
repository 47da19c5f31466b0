"""People: each account's row is one entity with one JSON property."""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.adapters.azure_tables._table import Row, Table
from shared.domain.account import AccountKey
from shared.domain.person import Person
from shared.domain.registration import forget_at, forgotten
from shared.ports.clock import Clock
from shared.ports.people import Stored
from shared.ports.store import Conflict
from shared.validation.records import decode, encode

ROW = "person"

IDLE = timedelta(days=30)
"""Time after which a row without registration data is deleted if it was not changed."""

PURGED_AT_ONCE = 500

BLOCK = 4096
"""Rows are padded to a multiple of this number of characters. Otherwise the time and traffic of a read would show
whether a person is registered.
"""


@dataclass(frozen=True, slots=True)
class TablePeople:
    table: Table
    clock: Clock

    async def read(self, account: AccountKey) -> Stored:
        row = await self.table.read(account, ROW)
        if row is None:
            return Stored(Person(account=account), None)
        return _stored(row)

    async def beginning_with(self, beginning: str) -> tuple[Stored, ...]:
        # "~" sorts after every character of a key, so this is one range of partitions.
        bounds = {"first": beginning, "last": f"{beginning}~", "row": ROW}
        found = self.table.query("PartitionKey ge @first and PartitionKey lt @last and RowKey eq @row", bounds)
        return tuple([_stored(row) async for row in found])

    async def write(self, person: Person, revision: str | None) -> Stored:
        values = {
            "body": _padded(encode(person)),
            # The purge filters on this property, so that it need not open every row.
            "is_empty": person.is_empty,
            "touched_at": self.clock.now(),
            "forget_at": forget_at(person),
        }
        if revision is None:
            return Stored(person, await self.table.insert(person.account, ROW, values))
        return Stored(person, await self.table.replace(person.account, ROW, values, revision))

    async def purge(self, now: datetime) -> int:
        """Delete idle rows without registration data, and removed contacts that have expired (R-105).

        This query scans the table, so each run deletes a limited number of rows (D10).
        """
        return await self._purge_strangers(now) + await self._forget_removed(now)

    async def _purge_strangers(self, now: datetime) -> int:
        count = 0
        idle = "is_empty eq true and touched_at lt @horizon"
        async for row in self.table.query(idle, {"horizon": now - IDLE}, page=PURGED_AT_ONCE):
            with contextlib.suppress(Conflict):  # the row was used meanwhile
                await self.table.delete(row.values["PartitionKey"], ROW, row.etag)
                count += 1
            if count >= PURGED_AT_ONCE:
                break
        return count

    async def _forget_removed(self, now: datetime) -> int:
        count = 0
        async for row in self.table.query("forget_at lt @now", {"now": now}, page=PURGED_AT_ONCE):
            with contextlib.suppress(Conflict):  # the row changed meanwhile: the next run handles it
                await self.write(forgotten(_stored(row).person, now), row.etag)
                count += 1
            if count >= PURGED_AT_ONCE:
                break
        return count


def _stored(row: Row) -> Stored:
    # Lenient: while a new version is rolled out, the old one reads rows that the new one has written.
    return Stored(decode(Person, row.values["body"], lenient=True), row.etag)


def _padded(body: str) -> str:
    return body + " " * (-len(body) % BLOCK)
