"""PromisedNotices: the delayed word that a notice will be sent even if this process dies now."""

from datetime import timedelta
from typing import Final, Protocol

from shared.domain.account import AccountKey

SOON: Final = timedelta(seconds=20)
"""Longer than a directory may take to answer, and short enough that every notice arrives within a minute (N63B 4.6)."""


class PromisedNotices(Protocol):
    """A queue message that appears after a while and makes `deliver` look at the row (rule 11)."""

    async def promise(self, account: AccountKey, *, delay: timedelta = SOON) -> None:
        """Enqueue it. Raises StoreLost: without the promise, the change it belongs to is not made."""
        ...
