"""RateLimiter: counts that hold across instances."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.rate import Allowance, Rate


class RateLimiter(Protocol):
    """Exact counters. When it cannot answer it fails closed: StoreLost from a lost store, never "allowed"."""

    async def hit(self, key: str, rates: Sequence[Rate]) -> Allowance:
        """Count one more, if every rate allows it. A count that lost three races is refused for 1 s (rule 15)."""
        ...

    def forgive(self, key: str) -> None:
        """Take back one hit that turned out to be a success: folded into this instance's next write, so it costs none.

        An instance that stops before has counted one too many, never one too few.
        """
        ...

    async def forget(self, key: str) -> None:
        """Delete the count: erasure keeps nothing. Raises StoreLost.

        An instance that knows the key to be at its limit goes on refusing until that window ends: closed, never open.
        """
        ...
