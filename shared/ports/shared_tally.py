"""SharedTally: approximate totals over all instances, without one row that all of them write (rule 15)."""

from datetime import datetime
from typing import Protocol

from shared.domain.limits import Rate


class SharedTally(Protocol):
    """Each instance counts in memory and reads the counts of the others periodically, not with each request."""

    async def spend(self, key: str, rate: Rate, *, counts: int, approximately: bool = False) -> bool:
        """Return whether one more is within the limit, as far as this instance knows.

        `counts` is what is added; 0 only asks.

        `approximately` never waits for the store: what other instances have counted is known after some seconds. For
        thresholds of the bot check, not for what costs money.

        Raises StoreLost if the totals are outdated and cannot be read: a limit on spending fails closed (R-75).
        """
        ...

    def give_back(self, key: str, rate: Rate, at: datetime) -> None:
        """Take back one that this instance counted at that time: it was a success. It makes no call.

        It gives nothing in a window that began later: that would be one more guess.
        """
        ...

    def total(self, key: str, rate: Rate) -> int:
        """Return the total of the current window, as far as this instance knows. It makes no call."""
        ...

    def seen_here(self, key: str, rate: Rate) -> int:
        """Count one event of this instance alone, and return its number in the current window. It makes no call."""
        ...
