"""Tables by period: what expires is dropped with its table, in one call, whatever the number of its rows (D10).

A table is created by its first insert, or before by the purge. A table that does not exist holds nothing. The name
of a dropped table is never used again: Azure refuses it for 40 s or more (Microsoft Learn, "Delete Table").
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from azure.core.exceptions import ResourceExistsError
from azure.data.tables.aio import TableServiceClient

from shared.adapters.azure_tables._table import (
    LARGEST_PAGE,
    NO_RETRY,
    Change,
    Row,
    Table,
    TableMissing,
    store_errors,
)

AHEAD: Final = timedelta(days=1)
"""How long before its period a table is created. The purge runs every night."""


@dataclass(frozen=True, slots=True)
class PeriodTable(Table):
    """One table of a period."""

    create: Callable[[], Any]

    async def read(self, partition: str, row: str) -> Row | None:
        with suppress(TableMissing):
            return await Table.read(self, partition, row)
        return None

    async def insert(self, partition: str, row: str, values: Mapping[str, Any]) -> str:
        try:
            return await Table.insert(self, partition, row, values)
        except TableMissing:
            await self.create()
            return await Table.insert(self, partition, row, values)

    async def insert_together(self, partition: str, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        try:
            await Table.insert_together(self, partition, rows)
        except TableMissing:
            await self.create()
            await Table.insert_together(self, partition, rows)

    async def change_together(self, partition: str, changes: Sequence[Change]) -> None:
        try:
            await Table.change_together(self, partition, changes)
        except TableMissing:
            await self.create()
            await Table.change_together(self, partition, changes)

    async def delete(self, partition: str, row: str, etag: str | None = None) -> None:
        with suppress(TableMissing):
            await Table.delete(self, partition, row, etag)

    async def query(
        self, condition: str, parameters: Mapping[str, Any], *, page: int = LARGEST_PAGE
    ) -> AsyncIterator[Row]:
        with suppress(TableMissing):
            async for row in Table.query(self, condition, parameters, page=page):
                yield row


@dataclass(frozen=True, slots=True)
class PeriodTables:
    """All tables with one name. `kept` is how long rows are kept after their period at least."""

    service: TableServiceClient
    name: str
    period_of: Callable[[datetime], str]
    kept: timedelta
    _tables: dict[str, PeriodTable] = field(default_factory=dict)

    def of(self, period: str) -> PeriodTable:
        """Return the table of the period with this label."""
        if period not in self._tables:
            client = self.service.get_table_client(f"{self.name}{period}")
            self._tables[period] = PeriodTable(client, lambda: self._create(period))
        return self._tables[period]

    def at(self, moment: datetime) -> PeriodTable:
        """Return the table of the period that contains the moment."""
        return self.of(self.period_of(moment))

    async def prepare(self, now: datetime) -> None:
        """Create the table of now and of the next day, so that the first request of a period takes no longer (rule 9).

        Raises StoreLost.
        """
        for period in {self.period_of(now), self.period_of(now + AHEAD)}:
            await self._create(period)

    async def purge(self, now: datetime) -> int:
        """Drop the tables whose period ended more than `kept` before `now`, and return how many. Raises StoreLost."""
        await self.prepare(now)
        oldest = f"{self.name}{self.period_of(now - self.kept)}"
        bounds = {"name": self.name, "oldest": oldest}
        with store_errors():
            listed = self.service.query_tables("TableName gt @name and TableName lt @oldest", parameters=bounds)
            expired = [table.name async for table in listed]
        for name in expired:
            self._tables.pop(name.removeprefix(self.name), None)
            with store_errors(), suppress(TableMissing):
                await self.service.delete_table(name)
        return len(expired)

    async def _create(self, period: str) -> None:
        await created(self.service, f"{self.name}{period}")


def made_on_demand(service: TableServiceClient, name: str) -> PeriodTable:
    """Return a table that has no period, and is also created where the deployment is older than the service."""
    return PeriodTable(service.get_table_client(name), lambda: created(service, name))


async def created(service: TableServiceClient, name: str) -> None:
    """Create the table, if it is missing. Raises StoreLost."""
    with store_errors(), suppress(ResourceExistsError):
        await service.create_table(name, **NO_RETRY)
