"""PromisedNotices: a delayed message that ensures a notice is sent even if this process stops."""

from datetime import timedelta
from typing import Final, Protocol

from shared.domain.account import AccountKey

SOON: Final = timedelta(seconds=20)
"""Delay of the message: longer than a directory takes to answer, and short enough to notify within a minute.

NIST SP 800-63B-4 4.6 asks for the notice; the minute is ours.
"""


class PromisedNotices(Protocol):
    """Queues a message that appears after a delay and makes `deliver` read the row (rule 11)."""

    async def promise(self, account: AccountKey, *, delay: timedelta = SOON) -> None:
        """Queue the message. Raises StoreLost; the caller then does not make the change that the notice is about."""
        ...
