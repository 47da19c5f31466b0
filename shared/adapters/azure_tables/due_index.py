"""DueIndex: one partition for each kind, day or hour, and shard. What is due is a range of partition keys."""

import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from shared.adapters.azure_tables._table import Table
from shared.domain.account import AccountKey
from shared.ports.store import Conflict

SHARDS: Final = 16
"""Number of shards of a day or hour. A prefill of thousands of people falls due on one day."""


@dataclass(frozen=True, slots=True)
class TableDueIndex:
    """Several indexes share the table. `kind` is the word with which the partitions of this one begin."""

    table: Table
    kind: str

    async def add(self, day: str, account: AccountKey) -> None:
        with contextlib.suppress(Conflict):  # the entry exists already
            await self.table.insert(self.partition(day, account), account, {})

    async def remove(self, day: str, account: AccountKey) -> None:
        await self.table.delete(self.partition(day, account), account)

    async def due(self, until: date) -> AsyncIterator[tuple[str, AccountKey]]:
        # A range over partitions: later ones are not read, and earlier ones hold only overdue entries. A day is before
        # its hours, as `-` is before the digits.
        last = f"{until:%Y%m%d%H}" if isinstance(until, datetime) else f"{until:%Y%m%d}"
        bounds = {"first": f"{self.kind}-", "last": f"{self.kind}-{last}-~"}
        async for row in self.table.query("PartitionKey ge @first and PartitionKey lt @last", bounds):
            yield row.values["PartitionKey"].split("-")[1], AccountKey(row.values["RowKey"])

    def partition(self, day: str, account: AccountKey) -> str:
        shard = hashlib.sha256(account.encode()).digest()[0] % SHARDS
        return f"{self.kind}-{day}-{shard:x}"
