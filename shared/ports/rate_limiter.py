"""RateLimiter: counts that hold across all instances."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.limits import Allowance, Rate


class RateLimiter(Protocol):
    """Exact counters that fail closed: if the store is lost, they raise StoreLost and never allow the request."""

    async def hit(self, key: str, rates: Sequence[Rate], *reserves: Sequence[Rate]) -> Allowance:
        """Count one hit if every rate allows it; otherwise in the first of the reserves that has room.

        After three conflicting writes, the hit is refused for 1 s (rule 15).
        """
        ...

    def forgive(self, key: str, hit: Allowance) -> None:
        """Take back this hit: it was a success. It is part of the next write here, so it costs no call.

        It gives nothing in a window that began after the hit.

        If the instance stops first, it has counted one hit too many, never one too few.
        """
        ...

    async def forget(self, key: str) -> None:
        """Delete the counter, for an erasure. Raises StoreLost.

        An instance that knows that the limit is reached keeps refusing until the window ends.
        """
        ...
