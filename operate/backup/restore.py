"""Inserts the rows of an export into a store. It never changes a row that is there, so it can be repeated.

What is referred to comes first, and the names last: until they are there, nobody is found. The days of the index are
also entered from each person's row, because a running service may have changed them during the export.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

from azure.core.exceptions import HttpResponseError, ResourceExistsError

from operate.backup.entities import line_of
from operate.backup.folder import Folder, Import, Manifest, Refused
from operate.backup.judge import judged
from operate.backup.restored import restored
from operate.backup.tables import Part, parts_of, rows_in
from shared.adapters.azure_tables import ACCOUNTS, NAMES, PEOPLE
from shared.adapters.azure_tables._table import Row, Table, TableMissing
from shared.adapters.azure_tables.people import stored_person
from shared.domain.forgetting import forget_day, leaves_at
from shared.domain.person import Person
from shared.ports.store import Conflict, StoreLost
from shared.wiring import Adapters

AT_ONCE: Final = 16
MOST_ROWS, MOST_BYTES = 100, 3 << 20
"""Of one transaction. Azure takes 100 rows and 4 MiB (Microsoft Learn, "Performing entity group transactions")."""
TRIES: Final = 6
NEW_TABLE_TRIES: Final = 36
"""Five seconds each: a deleted table cannot be made again for 40 s and more."""

Rows = tuple[Mapping[str, Any], ...]


async def restore(adapters: Adapters, path: Path, *, add: bool) -> Manifest:
    """Insert what is missing, and return the manifest of the export.

    `add` allows a store that has people already. Raises Refused before anything is written, and StoreLost; after that
    the command can be repeated.
    """
    folder, store = Folder(path), adapters.table_service
    manifest = folder.complete()
    judged(adapters, folder, manifest)
    one = folder.imports().get(store.url)
    if one is None or one.ended:
        if not add and await _has_people(adapters):
            raise Refused("The store has people already. To insert what is missing and keep what is there: --add.")
        one = Import(id=secrets.token_hex(16), began=adapters.clock.now().isoformat())
        folder.keep_import(store.url, one)
    for file in reversed(manifest.files):
        await _made(adapters, file.table)
        for part in reversed(parts_of(file.table)):
            await _insert_part(adapters, folder, part, one)
        print(f"{file.table:<14} {file.rows:>9} rows", flush=True)
    one.ended = adapters.clock.now().isoformat()
    folder.keep_import(store.url, one)
    return manifest


async def _has_people(adapters: Adapters) -> bool:
    for table in (NAMES, PEOPLE, ACCOUNTS):
        with suppress(TableMissing):
            async for _ in rows_in(adapters.table_service, Part(table)):
                return True
    return False


async def _made(adapters: Adapters, table: str) -> None:
    """Make the table if it is missing, and wait if it is still being deleted. Raises StoreLost."""
    for turn in range(1, NEW_TABLE_TRIES + 1):
        with suppress(ResourceExistsError):  # or it is being deleted, which the next read tells
            try:
                await adapters.table_service.create_table(table)
            except HttpResponseError as error:
                if error.status_code != 409:
                    raise StoreLost from error
        try:
            async for _ in rows_in(adapters.table_service, Part(table)):
                break
        except TableMissing:
            if turn == NEW_TABLE_TRIES:
                raise
            await asyncio.sleep(5)
        else:
            return


async def _insert_part(adapters: Adapters, folder: Folder, part: Part, one: Import) -> None:
    rows = (row for row in folder.rows(part.table) if part.has(row))
    groups = _portions(rows, alone=part.table == PEOPLE)
    while together := list(islice(groups, AT_ONCE)):
        await asyncio.gather(*(_insert(adapters, part.table, group, one) for group in together))


def _portions(rows: Iterable[Mapping[str, Any]], *, alone: bool) -> Iterator[Rows]:
    """Yield rows that one call can insert: of one partition, and not too many."""
    portion: list[Mapping[str, Any]] = []
    size = 0
    for row in rows:
        bytes_more = 2 * len(line_of(row).encode())
        full = len(portion) == MOST_ROWS or size + bytes_more > MOST_BYTES
        if portion and (alone or full or row["PartitionKey"] != portion[0]["PartitionKey"]):
            yield tuple(portion)
            portion, size = [], 0
        portion.append(row)
        size += bytes_more
    if portion:
        yield tuple(portion)


async def _insert(adapters: Adapters, name: str, rows: Rows, one: Import) -> None:
    if name == PEOPLE:
        person = restored(stored_person(Row(rows[0], "")).person, one.id)
        await _repeated(lambda: _insert_person(adapters, person, one))
        return
    table = adapters.table(name)
    try:
        if len(rows) > 1:
            partition, inserts = rows[0]["PartitionKey"], [(row["RowKey"], _properties(row)) for row in rows]
            await _repeated(lambda: table.insert_together(partition, inserts))
            return
    except Conflict:
        pass  # one of them is there, so none was inserted
    for row in rows:
        with suppress(Conflict):
            await _repeated(lambda row=row: _insert_one(table, row))  # type: ignore[misc]  # bound in the loop


async def _insert_one(table: Table, row: Mapping[str, Any]) -> None:
    await table.insert(row["PartitionKey"], row["RowKey"], _properties(row))


async def _insert_person(adapters: Adapters, person: Person, one: Import) -> None:
    """Enter the person into the indexes first, as the service does, and then insert the row.

    The orders of notices were in a queue that no export has, so `sweep` makes new ones.
    """
    if person.reminder_day:
        await adapters.due.add(person.reminder_day, person.account)
    if person.expiry:
        await adapters.expiries.add(person.expiry.entry, person.account)
    for day in {forget_day(leaves_at(contact)) for contact in person.removed}:
        await adapters.forgetting.add(day, person.account)
    if person.notices:
        await adapters.owed.add(one.began[:10].replace("-", ""), person.account)
    with suppress(Conflict):
        await adapters.people.write(person, None)


def _properties(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"PartitionKey", "RowKey"}}


async def _repeated(call: Callable[[], Awaitable[object]]) -> None:
    """Repeat a call that was not answered: to insert a row twice is a conflict, and harmless."""
    for turn in range(TRIES):
        try:
            await call()
        except StoreLost:
            if turn == TRIES - 1:
                raise
            await asyncio.sleep(2**turn / 4)
        else:
            return
