"""Imports: one table for each week. An import is a partition, and a text lies in as many properties as it needs.

    import             the import itself, written last, so that one without all its portions does not exist
    rows-00000, ...    the rows of a portion
    plan-00000, ...    what will be done with them
    done-00000, ...    their verdicts
    mark-00000, ...    what is counted of them, written in one call with the verdicts

The week is the beginning of the id, so that one read finds an import, and the purge drops all of a week.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.adapters.azure_tables._periods import PeriodTable, PeriodTables
from shared.adapters.azure_tables._table import PROPERTY_LIMIT, Row
from shared.ports.imports import Part

IMPORT: Final = "import"

MOST_IN_A_CALL: Final = 700_000
"""Characters of one transaction, which may have 4 MiB and 100 rows (Microsoft Learn, "Performing entity group
transactions"). A body of more than a megabyte holds up other requests while it is sent."""

ROWS_IN_A_CALL: Final = 100

PAGE: Final = 100
"""Rows of one answer when whole portions are read: it may have 4 MiB."""

_ID: Final = re.compile(r"([0-9]{8})-[A-Za-z0-9_-]{22}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TableImports:
    tables: PeriodTables

    async def add(self, import_id: str, text: str, portions: Sequence[str]) -> None:
        table = self._table(import_id)
        for together in _in_calls([(_key("rows", n), _values(each)) for n, each in enumerate(portions)]):
            await table.insert_together(import_id, together)
        await table.insert(import_id, IMPORT, _values(text))

    async def read(self, import_id: str) -> tuple[str, str] | None:
        if not _ID.fullmatch(import_id):
            return None
        row = await self._table(import_id).read(import_id, IMPORT)
        return None if row is None else (_text(row), row.etag)

    async def change(self, import_id: str, text: str, revision: str) -> str:
        return await self._table(import_id).replace(import_id, IMPORT, _values(text), revision)

    async def part(self, import_id: str, part: Part, number: int) -> str | None:
        row = await self._table(import_id).read(import_id, _key(part, number))
        return None if row is None else _text(row)

    async def plan(self, import_id: str, number: int, text: str) -> None:
        await self._table(import_id).insert(import_id, _key("plan", number), _values(text))

    async def settle(self, import_id: str, number: int, text: str, marks: str) -> None:
        rows = [(_key("done", number), _values(text)), (_key("mark", number), _values(marks))]
        await self._table(import_id).insert_together(import_id, rows)

    async def settled(self, import_id: str) -> Mapping[int, str]:
        return await self._all(import_id, "mark")

    async def parts(self, import_id: str, part: Part) -> Mapping[int, str]:
        return await self._all(import_id, part)

    async def _all(self, import_id: str, kind: str) -> Mapping[int, str]:
        condition = "PartitionKey eq @import and RowKey ge @first and RowKey lt @last"
        bounds = {"import": import_id, "first": f"{kind}-", "last": f"{kind}-~"}
        found = self._table(import_id).query(condition, bounds, page=PAGE)
        return {int(row.values["RowKey"].rpartition("-")[2]): _text(row) async for row in found}

    def _table(self, import_id: str) -> PeriodTable:
        found = _ID.fullmatch(import_id)
        if found is None:
            msg = "not the id of an import"
            raise ValueError(msg)
        return self.tables.of(found[1])


def _key(kind: str, number: int) -> str:
    return f"{kind}-{number:05}"


def _values(text: str) -> Mapping[str, Any]:
    """Return the properties of a text, in ASCII, so that each character is one of the property's UTF-16 units."""
    pieces = range(0, max(1, len(text)), PROPERTY_LIMIT)
    return {f"t{n:02}": text[at : at + PROPERTY_LIMIT] for n, at in enumerate(pieces)}


def _text(row: Row) -> str:
    return "".join(row.values[name] for name in sorted(row.values) if re.fullmatch("t[0-9]{2}", name))


def _in_calls(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[list[tuple[str, Mapping[str, Any]]]]:
    """Yield the rows of one call each."""
    together: list[tuple[str, Mapping[str, Any]]] = []
    size = 0
    for key, values in rows:
        length = sum(len(value) for value in values.values())
        if together and (size + length > MOST_IN_A_CALL or len(together) == ROWS_IN_A_CALL):
            yield together
            together, size = [], 0
        together.append((key, values))
        size += length
    if together:
        yield together
