"""DueIndex: one partition for each day and shard. The entries that are due are a range of partition keys."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.adapters.azure_tables._table import Table
from shared.domain.account import AccountKey
from shared.ports.store import Conflict

SHARDS: Final = 16
"""Number of shards of a day. A prefill of thousands of people falls due on one day."""


@dataclass(frozen=True, slots=True)
class TableDueIndex:
    table: Table

    async def add(self, day: str, account: AccountKey) -> None:
        try:
            await self.table.insert(_partition(day, account), account, {})
        except Conflict:
            return  # the entry exists already

    async def remove(self, day: str, account: AccountKey) -> None:
        await self.table.delete(_partition(day, account), account)

    async def due(self, today: date) -> AsyncIterator[tuple[str, AccountKey]]:
        # A range over partitions: later days are not read, and earlier days hold only overdue entries.
        last = today.strftime("%Y%m%d") + "-~"
        async for row in self.table.query("PartitionKey lt @last", {"last": last}):
            yield row.values["PartitionKey"].partition("-")[0], AccountKey(row.values["RowKey"])


def _partition(day: str, account: AccountKey) -> str:
    shard = hashlib.sha256(account.encode()).digest()[0] % SHARDS
    return f"{day}-{shard:x}"
