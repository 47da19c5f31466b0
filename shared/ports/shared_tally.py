"""SharedTally: totals over all instances, near enough, without a row that everybody fights for (rule 15)."""

from typing import Protocol

from shared.domain.rate import Rate


class SharedTally(Protocol):
    """Each instance counts in memory and looks at the others' counts now and then, never with each request."""

    async def spend(self, key: str, rate: Rate, *, counts: bool) -> bool:
        """Whether one more fits, as far as this instance knows; counted when `counts`.

        Raises StoreLost when the totals are too old and cannot be read: a spending limit fails closed (R-75).
        """
        ...
