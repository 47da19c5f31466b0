"""People: each account's row is one entity with one JSON text, in four properties.

The row of a name that belongs to no account is in a table by week, which its key names, so that it expires with the
table (shared/domain/account.py). All rows are written and read in the same way (D7).
"""

from dataclasses import dataclass
from typing import Final

from shared.adapters.azure_tables._periods import PeriodTables
from shared.adapters.azure_tables._table import PROPERTY_LIMIT, Row, Table
from shared.domain.account import AccountKey, week_of_stranger
from shared.domain.person import Person
from shared.ports.people import Stored
from shared.validation.records import decode, encode

ROW: Final = "person"

BLOCK: Final = 4096
"""Rows are padded to a multiple of this number of characters. Otherwise the time and traffic of a read would show
whether a person is registered.
"""

LEAST: Final = 5 * BLOCK
"""Characters of the shortest row: 20,480. A row with three methods and all that strangers can cause is not longer. So
the rows of known and unknown names have one length, whatever strangers did.
"""

PART: Final = (PROPERTY_LIMIT - 1) // BLOCK * BLOCK
"""Characters in each property: 28,672. The limit of a property counts UTF-16 units, so there is room for 4,096
characters that need two, more than all labels of a row have.
"""

PARTS: Final = ("body", "more", "rest", "end")

ROW_LIMIT: Final = len(PARTS) * PART
"""Maximum characters of a row: 114,688. What may fill a row is bounded so that it never reaches this (rule 1,
tests/attacks/test_rule_01_space.py).
"""


@dataclass(frozen=True, slots=True)
class TablePeople:
    table: Table
    strangers: PeriodTables

    async def read(self, account: AccountKey) -> Stored:
        row = await self._table_of(account).read(account, ROW)
        if row is None:
            return Stored(Person(account=account), None)
        return stored_person(row)

    async def beginning_with(self, beginning: str) -> tuple[Stored, ...]:
        # "~" sorts after every character of a key, so this is one range of partitions.
        bounds = {"first": beginning, "last": f"{beginning}~", "row": ROW}
        found = self.table.query("PartitionKey ge @first and PartitionKey lt @last and RowKey eq @row", bounds)
        return tuple([stored_person(row) async for row in found])

    async def following(self, account: str, most: int) -> tuple[Stored, ...]:
        found, after = [], {"after": account, "row": ROW}
        async for row in self.table.query("PartitionKey gt @after and RowKey eq @row", after, page=most):
            found.append(stored_person(row))
            if len(found) == most:
                break
        return tuple(found)

    async def write(self, person: Person, revision: str | None) -> Stored:
        person = person.within_places()
        table, text = self._table_of(person.account), _padded(encode(person))
        values = {name: text[n * PART : (n + 1) * PART] for n, name in enumerate(PARTS)}
        if revision is None:
            return Stored(person, await table.insert(person.account, ROW, values))
        return Stored(person, await table.replace(person.account, ROW, values, revision))

    async def delete(self, account: AccountKey, revision: str) -> None:
        await self._table_of(account).delete(account, ROW, revision)

    def _table_of(self, account: AccountKey) -> Table:
        week = week_of_stranger(account)
        return self.strangers.of(week) if week else self.table


def stored_person(row: Row) -> Stored:
    """Return the person of a row. Raises ValueError if the service cannot have written it."""
    # Lenient: while a new version is rolled out, the old one reads rows that the new one has written.
    text = "".join(row.values.get(name, "") for name in PARTS)
    return Stored(decode(Person, text, lenient=True), row.etag)


def _padded(body: str) -> str:
    padded = body.ljust(LEAST) + " " * (-max(len(body), LEAST) % BLOCK)
    if len(padded) > ROW_LIMIT:
        raise ValueError("a row longer than a row may be")
    return padded
