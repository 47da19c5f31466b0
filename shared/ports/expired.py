"""Expired: deletes data whose retention period has ended."""

from datetime import datetime
from typing import Protocol


class Expired(Protocol):
    """Deletes in limited batches: one call does part of the work and remembers where it stopped."""

    async def purge(self, now: datetime) -> int:
        """Delete what had expired by `now` (UTC) and return the number of rows deleted. Raises StoreLost."""
        ...
