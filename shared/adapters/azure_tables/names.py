"""Names: keyed names and the account that each belongs to."""

from dataclasses import dataclass

from shared.adapters.azure_tables._table import Table
from shared.domain.account import AccountKey
from shared.ports.store import Conflict, StoreLost

ROW = "name"
RACES = 5


@dataclass(frozen=True, slots=True)
class TableNames:
    table: Table

    async def find(self, name_key: str) -> AccountKey | None:
        row = await self.table.read(name_key, ROW)
        return AccountKey(row.values["account"]) if row else None

    async def bind(self, name_key: str, account: AccountKey) -> None:
        for _ in range(RACES):
            row = await self.table.read(name_key, ROW)
            if row is not None and row.values["account"] == account:
                return
            try:
                if row is None:
                    await self.table.insert(name_key, ROW, {"account": account})
                else:
                    await self.table.replace(name_key, ROW, {"account": account}, row.etag)
            except Conflict:
                continue  # another request wrote it first; read again
            return
        raise StoreLost

    async def unbind(self, account: AccountKey) -> int:
        count = 0
        async for row in self.table.query("account eq @account", {"account": account}):
            try:
                await self.table.delete(row.values["PartitionKey"], ROW, row.etag)
            except Conflict:
                continue  # it was bound to another account meanwhile
            count += 1
        return count
