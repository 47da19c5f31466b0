"""Expired: what may be deleted because its time is over."""

from datetime import datetime
from typing import Protocol


class Expired(Protocol):
    """Deletes in bounded portions: one call does some work and remembers where it stopped."""

    async def purge(self, now: datetime) -> int:
        """Delete what had expired by `now`; return how many rows went. Raises StoreLost."""
        ...
