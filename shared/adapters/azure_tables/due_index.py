"""DueIndex: one partition a day and shard; what is due is a range of partition keys."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.adapters.azure_tables._table import Table
from shared.domain.account import AccountKey
from shared.ports.store import Conflict

SHARDS: Final = 16
"""Spread one day's entries: a prefill of thousands all falls due together."""


@dataclass(frozen=True, slots=True)
class TableDueIndex:
    table: Table

    async def add(self, day: str, account: AccountKey) -> None:
        try:
            await self.table.insert(_partition(day, account), account, {})
        except Conflict:
            return  # it stands there already

    async def remove(self, day: str, account: AccountKey) -> None:
        await self.table.delete(_partition(day, account), account)

    async def due(self, today: date) -> AsyncIterator[tuple[str, AccountKey]]:
        # One range over partitions: later days are never read, and every day before today is empty or overdue.
        last = today.strftime("%Y%m%d") + "-~"
        async for row in self.table.query("PartitionKey lt @last", {"last": last}):
            yield row.values["PartitionKey"].partition("-")[0], AccountKey(row.values["RowKey"])


def _partition(day: str, account: AccountKey) -> str:
    shard = hashlib.sha256(account.encode()).digest()[0] % SHARDS
    return f"{day}-{shard:x}"
