"""DueIndex: which accounts are to be reminded, by day, so that a timer reads what is due and nothing else (D10)."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Protocol

from shared.domain.account import AccountKey


class DueIndex(Protocol):
    """An index, never the truth: whoever acts on an entry reads the account's row first."""

    async def add(self, day: str, account: AccountKey) -> None:
        """Enter the account under that day (`YYYYMMDD`, UTC); again is harmless. Raises StoreLost."""
        ...

    async def remove(self, day: str, account: AccountKey) -> None:
        """Take the entry out; harmless when there is none. Raises StoreLost."""
        ...

    def due(self, today: date) -> AsyncIterator[tuple[str, AccountKey]]:
        """Every entry of today and before, as (day, account). Its cost grows with what is due. Raises StoreLost."""
        ...
