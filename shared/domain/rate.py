"""Rate: "5 per hour", and the arithmetic of its windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` hits within `period`, counted from the first hit of a window."""

    limit: int
    period: timedelta

    @property
    def key(self) -> str:
        """The window's name in a counter: its length in seconds, so that a changed limit keeps the count."""
        return str(int(self.period.total_seconds()))


@dataclass(frozen=True, slots=True)
class Window:
    """How many hits since `since`."""

    since: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """The verdict on one hit; `retry_after` is in whole seconds and 0 when allowed."""

    allowed: bool
    retry_after: int = 0


def current(windows: Mapping[str, Window], rate: Rate, now: datetime) -> Window:
    """The window of `rate` that `now` falls into; a finished one starts afresh."""
    window = windows.get(rate.key)
    if window is None or now >= window.since + rate.period:
        return Window(now, 0)
    return window


def verdict(windows: Mapping[str, Window], rates: Sequence[Rate], now: datetime) -> Allowance:
    """Whether one more hit fits into every rate; when not, the wait until all the full windows have ended."""
    waits = [
        (window.since + rate.period - now).total_seconds()
        for rate in rates
        if (window := current(windows, rate, now)).count >= rate.limit
    ]
    return Allowance(allowed=False, retry_after=max(1, ceil(max(waits)))) if waits else Allowance(allowed=True)


def counted(windows: Mapping[str, Window], rates: Sequence[Rate], now: datetime) -> dict[str, Window]:
    """The windows after one more hit."""
    after = {}
    for rate in rates:
        window = current(windows, rate, now)
        after[rate.key] = Window(window.since, window.count + 1)
    return after


def credited(credit: Mapping[str, Window], windows: Mapping[str, Window]) -> dict[str, Window]:
    """The credit with one hit more to take back, in each of the windows as they stand."""
    return {key: Window(window.since, _count_of(credit, key, window) + 1) for key, window in windows.items()}


def forgiven(windows: Mapping[str, Window], credit: Mapping[str, Window]) -> dict[str, Window]:
    """The windows without the hits that turned out not to count.

    A hit is taken back in the window that counted it and in no other: credit carried over would be free guesses.
    """
    return {
        key: Window(window.since, max(0, window.count - _count_of(credit, key, window)))
        for key, window in windows.items()
    }


def _count_of(counts: Mapping[str, Window], key: str, window: Window) -> int:
    found = counts.get(key)
    return found.count if found is not None and found.since == window.since else 0
