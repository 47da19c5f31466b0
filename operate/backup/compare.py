"""Compares the rows of a store with those of an export, both in the order of their keys, and reads each one."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from operate.backup.entities import line_of
from operate.backup.folder import Folder
from operate.backup.judge import remarks
from operate.backup.restored import restored
from operate.backup.tables import Part, parts_of, rows_in
from shared.adapters.azure_tables import PEOPLE
from shared.adapters.azure_tables._table import Row
from shared.adapters.azure_tables.people import stored_person
from shared.wiring import Adapters


@dataclass(slots=True)
class Difference:
    """What a table of the store has, compared with the export."""

    same: int = 0
    missing: int = 0
    changed: int = 0
    more: int = 0
    remarks: Counter[str] = field(default_factory=Counter)


async def compared(adapters: Adapters, folder: Folder, table: str, import_id: str) -> Difference:
    """Compare. With the id of an import, people are compared as they are after it. Raises StoreLost and Refused."""
    found = Difference()
    for part in parts_of(table):
        expected = (row for row in folder.rows(table) if part.has(row))
        await _compare_part(adapters, part, expected, import_id, found)
    return found


async def _compare_part(
    adapters: Adapters, part: Part, expected: Iterator[Mapping[str, Any]], import_id: str, found: Difference
) -> None:
    wanted = next(expected, None)
    async for row in _read(adapters, part, found):
        while wanted is not None and _key(wanted) < _key(row):
            found.missing += 1
            wanted = next(expected, None)
        if wanted is None or _key(wanted) > _key(row):
            found.more += 1
            continue
        is_same = _form(part.table, wanted, import_id) == _form(part.table, row, "")
        found.same, found.changed = found.same + is_same, found.changed + (not is_same)
        wanted = next(expected, None)
    found.missing += (wanted is not None) + sum(1 for _ in expected)


async def _read(adapters: Adapters, part: Part, found: Difference) -> AsyncIterator[Mapping[str, Any]]:
    async for row in rows_in(adapters.table_service, part):
        found.remarks.update(remarks(adapters, part.table, row.values))
        yield row.values


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["PartitionKey"], row["RowKey"]


def _form(table: str, row: Mapping[str, Any], import_id: str) -> object:
    if table != PEOPLE or not import_id:
        return line_of(row) if table != PEOPLE else stored_person(Row(row, "")).person
    return restored(stored_person(Row(row, "")).person, import_id)
