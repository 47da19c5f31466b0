"""Define the periods by which expiring rows are stored: weeks and months, in UTC.

Rows of one period are in one table, so that what has expired is dropped with its table and never searched for. The
label of a period sorts by time.
"""

from datetime import UTC, datetime, timedelta


def week_of(at: datetime) -> str:
    """Return the label of the week (from Monday) that contains `at`, such as `20261123`."""
    return f"{_monday(at):%Y%m%d}"


def week_before(at: datetime) -> str:
    """Return the label of the week before the one that contains `at`."""
    return week_of(at - timedelta(days=7))


def time_into_week(at: datetime) -> timedelta:
    """Return how long the week that contains `at` has lasted at that moment."""
    return at - _monday(at)


def month_of(at: datetime) -> str:
    """Return the label of the month that contains `at`, such as `202611`."""
    return f"{at.astimezone(UTC):%Y%m}"


def _monday(at: datetime) -> datetime:
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())
