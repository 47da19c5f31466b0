"""Define how far the clocks of two machines may differ (rule 32)."""

from datetime import datetime, timedelta
from typing import Final

CLOCK_MARGIN: Final = timedelta(minutes=2)
"""Used wherever times of two machines are compared. Instances of one cloud differ by much less; a directory or a
provider may not keep its time as well."""


def believable(at: datetime, now: datetime) -> datetime:
    """Return a time that came from outside, but none that is later than now plus the margin."""
    return min(at, now + CLOCK_MARGIN)
