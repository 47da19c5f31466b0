"""Names in memory."""

from shared.domain.account import AccountKey


class MemoryNames:
    def __init__(self) -> None:
        self.accounts: dict[str, AccountKey] = {}

    async def find(self, name_key: str) -> AccountKey | None:
        return self.accounts.get(name_key)

    async def bind(self, name_key: str, account: AccountKey) -> None:
        self.accounts[name_key] = account
