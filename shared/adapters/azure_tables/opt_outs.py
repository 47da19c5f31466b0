"""OptOuts: one row for each number that ever answered STOP or START, under its keyed digest."""

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.adapters.azure_tables._table import Table
from shared.ports.store import Conflict, StoreLost

ROW = "texts"
RACES = 5


@dataclass(frozen=True, slots=True)
class TableOptOuts:
    table: Table

    async def stands(self, destination: str) -> bool:
        row = await self.table.read(destination, ROW)
        return row is not None and bool(row.values["opted_out"])

    async def note(self, destination: str, *, opted_out: bool, at: datetime) -> bool:
        # As text: the table keeps 100 ns and the SDK returns a type of its own.
        values = {"opted_out": opted_out, "at": at.astimezone(UTC).isoformat(timespec="microseconds")}
        for _ in range(RACES):
            row = await self.table.read(destination, ROW)
            if row is not None and values["at"] <= row.values["at"]:
                return False
            try:
                if row is None:
                    await self.table.insert(destination, ROW, values)
                else:
                    await self.table.replace(destination, ROW, values, row.etag)
            except Conflict:
                continue  # another event wrote it first; read again
            return opted_out is not (row is not None and bool(row.values["opted_out"]))
        raise StoreLost
