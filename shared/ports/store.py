"""What any store may say instead of doing what was asked."""

from shared.domain.errors import TryAgain


class Conflict(Exception):
    """Somebody else wrote the row since, or our own write was applied and its answer lost: re-read to know."""


class StoreLost(TryAgain):
    """The store did not answer, or not in time; a write may or may not have been applied."""
