"""Errors that any store can raise."""

from shared.domain.errors import TryAgain


class Conflict(Exception):
    """The row changed since it was read, or our own write was applied and its response lost.

    Read the row again to find out.
    """


class StoreLost(TryAgain):
    """The store did not respond in time. A write may or may not have been applied."""
