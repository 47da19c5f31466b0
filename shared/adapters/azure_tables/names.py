"""Names: keyed names and the account that each belongs to, and under each account the names that lead to it."""

import contextlib
from dataclasses import dataclass

from shared.adapters.azure_tables._table import Table
from shared.domain.account import AccountKey
from shared.domain.person import KNOWN_CLIENTS
from shared.ports.names import Found
from shared.ports.store import Conflict, StoreLost

ROW = "name"
RACES = 5


@dataclass(frozen=True, slots=True)
class TableNames:
    table: Table

    async def find(self, name_key: str) -> Found | None:
        row = await self.table.read(name_key, ROW)
        if row is None:
            return None
        clients = {slot: str(row.values[f"c{slot}"]) for slot in range(KNOWN_CLIENTS) if f"c{slot}" in row.values}
        newest = int(row.values.get("newest", -1))
        return Found(AccountKey(row.values["account"]), clients, (newest + 1) % KNOWN_CLIENTS)

    async def know(self, name_key: str, slot: int, client_key: str) -> None:
        with contextlib.suppress(Conflict):  # erased meanwhile
            await self.table.merge(name_key, ROW, {f"c{slot}": client_key, "newest": slot})

    async def bind(self, name_key: str, account: AccountKey) -> None:
        for _ in range(RACES):
            row = await self.table.read(name_key, ROW)
            if row is not None and row.values["account"] == account:
                return
            # Under the account first: an entry there that leads nowhere does no harm, and a missing one would be found
            # only by reading all names.
            with contextlib.suppress(Conflict):
                await self.table.insert(account, name_key, {})
            try:
                if row is None:
                    await self.table.insert(name_key, ROW, {"account": account})
                else:
                    await self.table.replace(name_key, ROW, {"account": account}, row.etag)
            except Conflict:
                continue  # another request wrote it first; read again
            return
        raise StoreLost

    async def release(self, name_key: str) -> None:
        row = await self.table.read(name_key, ROW)
        if row is None:
            return
        with contextlib.suppress(Conflict):  # bound anew meanwhile: the directory resolved it after we did
            await self.table.delete(name_key, ROW, row.etag)
            await self.table.delete(row.values["account"], name_key)

    async def unbind(self, account: AccountKey) -> int:
        count = 0
        async for entry in self.table.query("PartitionKey eq @account", {"account": account}):
            name_key = entry.values["RowKey"]
            row = await self.table.read(name_key, ROW)
            with contextlib.suppress(Conflict):  # it was bound to another account meanwhile
                if row is not None and row.values["account"] == account:
                    await self.table.delete(name_key, ROW, row.etag)
                    count += 1
            await self.table.delete(account, name_key)
        return count
