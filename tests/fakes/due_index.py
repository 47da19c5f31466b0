"""DueIndex in memory."""

from collections.abc import AsyncIterator
from datetime import date, datetime

from shared.domain.account import AccountKey


class MemoryDueIndex:
    def __init__(self) -> None:
        self.entries: set[tuple[str, AccountKey]] = set()

    async def add(self, day: str, account: AccountKey) -> None:
        self.entries.add((day, account))

    async def remove(self, day: str, account: AccountKey) -> None:
        self.entries.discard((day, account))

    async def due(self, until: date) -> AsyncIterator[tuple[str, AccountKey]]:
        last = until.strftime("%Y%m%d%H" if isinstance(until, datetime) else "%Y%m%d")
        for entry in sorted(entry for entry in self.entries if entry[0] <= last):
            yield entry
