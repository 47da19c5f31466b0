"""PromisedNotices: the delayed word that a notice will be sent even if this process dies now."""

from typing import Protocol

from shared.domain.account import AccountKey


class PromisedNotices(Protocol):
    """A queue message that appears after a while and makes `deliver` look at the row (rule 11)."""

    async def promise(self, account: AccountKey) -> None:
        """Enqueue it. Raises StoreLost: without the promise, the change it belongs to is not made."""
        ...
