"""Names in memory."""

from shared.domain.account import AccountKey
from shared.domain.person import KNOWN_CLIENTS
from shared.ports.names import Found


class MemoryNames:
    def __init__(self) -> None:
        self.accounts: dict[str, AccountKey] = {}
        self.clients: dict[str, dict[int, str]] = {}

    async def find(self, name_key: str) -> Found | None:
        account, clients = self.accounts.get(name_key), self.clients.get(name_key, {})
        newest = list(clients)[-1] if clients else -1
        return None if account is None else Found(account, dict(clients), (newest + 1) % KNOWN_CLIENTS)

    async def know(self, name_key: str, slot: int, client_key: str) -> None:
        if name_key in self.accounts:
            clients = self.clients.setdefault(name_key, {})
            clients.pop(slot, None)
            clients[slot] = client_key

    async def bind(self, name_key: str, account: AccountKey) -> None:
        if self.accounts.get(name_key) != account:
            self.clients.pop(name_key, None)
        self.accounts[name_key] = account

    async def release(self, name_key: str) -> None:
        self.accounts.pop(name_key, None)

    async def unbind(self, account: AccountKey) -> int:
        names = [name for name, leads_to in self.accounts.items() if leads_to == account]
        for name in names:
            del self.accounts[name]
        return len(names)
