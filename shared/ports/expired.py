"""Expired: a store whose rows expire by period, all rows of a period together."""

from datetime import datetime
from typing import Protocol


class Expired(Protocol):
    """Its rows need no search: the calls do not depend on their number."""

    async def purge(self, now: datetime) -> int:
        """Delete the periods that had expired by `now` (UTC) and return how many. Raises StoreLost."""
        ...
