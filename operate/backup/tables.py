"""Which tables are exported, and in which order.

A row that is exported must not refer to one that is not. The service writes first what is referred to, so the rows that
refer are read first: names before the accounts that they lead to, and people before the days of the index. Passwords
come after people, so that the export has the newer of two passwords. Audit events come last.

Counters, Strangers and Imports are not exported: they expire by themselves and hold limits, spent bot checks, rows of
names that belong to no account, and what administrators brought in.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from azure.data.tables.aio import TableServiceClient

from shared.adapters.azure_tables import ACCOUNTS, DUE, NAMES, OPT_OUTS, PEOPLE
from shared.adapters.azure_tables._table import Row, store_errors
from shared.adapters.azure_tables.names import ROW as NAME_ROW

PAGE: Final = 1000
"""Rows of one call, the most that the service returns (Microsoft Learn, "Query timeout and pagination")."""

_AUDIT: Final = re.compile(r"Audit[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a table that are read in one pass, in the order of their keys."""

    table: str
    condition: str = ""
    is_name: bool | None = None

    def has(self, row: Mapping[str, Any]) -> bool:
        """Whether the row belongs to this part."""
        return self.is_name is None or (row["RowKey"] == NAME_ROW) is self.is_name


def parts_of(table: str) -> tuple[Part, ...]:
    """Return the parts of a table in the order of an export. An import takes them in the opposite order."""
    if table not in {NAMES, ACCOUNTS}:
        return (Part(table),)
    return (
        Part(table, f"RowKey eq '{NAME_ROW}'", is_name=True),
        Part(table, f"RowKey ne '{NAME_ROW}'", is_name=False),
    )


async def to_export(store: TableServiceClient) -> list[str]:
    """Return the tables to export, in order. Raises StoreLost."""
    with store_errors():
        found = [table.name async for table in store.list_tables()]
    return [NAMES, PEOPLE, ACCOUNTS, DUE, OPT_OUTS, *sorted(name for name in found if _AUDIT.fullmatch(name))]


async def rows_in(store: TableServiceClient, part: Part) -> AsyncIterator[Row]:
    """Yield the rows of a part, a page at a time. Raises StoreLost."""
    with store_errors():
        async for entity in store.get_table_client(part.table).query_entities(part.condition, results_per_page=PAGE):
            yield Row(entity, str(entity.metadata["etag"]))
