"""Names in memory."""

from shared.domain.account import AccountKey


class MemoryNames:
    def __init__(self) -> None:
        self.accounts: dict[str, AccountKey] = {}

    async def find(self, name_key: str) -> AccountKey | None:
        return self.accounts.get(name_key)

    async def bind(self, name_key: str, account: AccountKey) -> None:
        self.accounts[name_key] = account

    async def unbind(self, account: AccountKey) -> int:
        names = [name for name, leads_to in self.accounts.items() if leads_to == account]
        for name in names:
            del self.accounts[name]
        return len(names)
