"""DueIndex: accounts by day or hour, so that a timer reads only what is due (D10)."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Protocol

from shared.domain.account import AccountKey


class DueIndex(Protocol):
    """An index only: before acting on an entry, the caller reads the account's row, which decides."""

    async def add(self, day: str, account: AccountKey) -> None:
        """Add the account under that day (`YYYYMMDD`, UTC) or hour (`YYYYMMDDHH`).

        Adding it again has no effect. Raises StoreLost.
        """
        ...

    async def remove(self, day: str, account: AccountKey) -> None:
        """Remove the entry. Removing a missing entry has no effect. Raises StoreLost."""
        ...

    def due(self, until: date) -> AsyncIterator[tuple[str, AccountKey]]:
        """Yield every entry of that day and earlier as (day or hour, account). The cost grows with what is due.

        A `datetime` ends with its hour, and a `date` before the hours of that day. Raises StoreLost.
        """
        ...
