"""Define every limit: its name, what it counts by, and its rates.

Erasure derives from `ALL_LIMITS` which counters of a person to delete (rule 15), so every limit must be in it.
The functions that count within windows are at the end.

The file is long because the names, the rates and the counting are read together.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product
from math import ceil
from typing import Final

from shared.domain.policy import Policy

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` hits within `period`, counted from the first hit of a window."""

    limit: int
    period: timedelta

    @property
    def key(self) -> str:
        """The window's name in a counter: its length in seconds. A changed `limit` keeps the count."""
        return str(int(self.period.total_seconds()))


class By(StrEnum):
    """What a limit counts by. All but the client's address prefix and the method's name are keyed digests."""

    CLIENT = "client"
    NAME = "name"
    ACCOUNT = "account"
    DESTINATION = "destination"
    METHOD = "method"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit. `name` is part of the counter's key and of the audit event."""

    name: str
    by: tuple[By, ...]
    rates: Callable[[Policy], tuple[Rate, ...]]


def _codes(policy: Policy, *, reserved: bool) -> tuple[Rate, ...]:
    """Return the rates of sends to one destination. Without `reserved`, the day's reserve is not available (C11)."""
    kept = 0 if reserved else policy.sends_reserved_day
    return (
        Rate(policy.sends_per_destination_10min, 10 * MINUTE),
        Rate(policy.sends_per_destination_hour, HOUR),
        Rate(policy.sends_per_destination_day - kept, DAY),
    )


START_BY_CLIENT: Final = Limit(
    "start.client",
    (By.CLIENT,),
    lambda policy: (Rate(policy.starts_per_client_minute, MINUTE), Rate(policy.starts_per_client_hour, HOUR)),
)
START_BY_NAME_AND_CLIENT: Final = Limit(
    "start.name+client", (By.NAME, By.CLIENT), lambda policy: (Rate(policy.starts_per_name_and_client_hour, HOUR),)
)
START_BY_NAME: Final = Limit(
    "start.name",
    (By.NAME,),
    lambda policy: (Rate(policy.starts_per_name_hour, HOUR), Rate(policy.starts_per_name_day, DAY)),
)
VERIFY_BY_CLIENT: Final = Limit(
    "verify.client",
    (By.CLIENT,),
    lambda policy: (
        Rate(policy.verify_failures_per_client_5min, 5 * MINUTE),
        Rate(policy.verify_failures_per_client_hour, HOUR),
    ),
)
SIGN_IN_BY_CLIENT: Final = Limit(
    "session.client", (By.CLIENT,), lambda policy: (Rate(policy.session_failures_per_client_5min, 5 * MINUTE),)
)
SIGN_IN_BY_NAME_AND_CLIENT: Final = Limit(
    "session.name+client",
    (By.NAME, By.CLIENT),
    lambda policy: (Rate(policy.session_failures_per_name_and_client_15min, 15 * MINUTE),),
)
CHANGE_PASSWORD: Final = Limit("me.password", (By.ACCOUNT,), SIGN_IN_BY_NAME_AND_CLIENT.rates)
REGISTRATION_SENDS: Final = Limit(
    "registration.sends", (By.ACCOUNT,), lambda policy: (Rate(policy.sends_per_registration_hour, HOUR),)
)
CHANGE_SENDS: Final = Limit("change.sends", (By.ACCOUNT,), REGISTRATION_SENDS.rates)
CODES: Final = Limit("codes", (By.DESTINATION,), lambda policy: _codes(policy, reserved=False))
CODES_TO_KNOWN_CLIENT: Final = Limit("codes", (By.DESTINATION,), lambda policy: _codes(policy, reserved=True))
"""The same counter as CODES, with the day's reserve for clients of an earlier success (rule 10)."""
CODES_TO_NOBODY: Final = Limit("codes.nobody", (By.ACCOUNT, By.METHOD), CODES.rates)
"""Used where there is no destination, so that a delivery for a stranger does the same work."""
REMINDERS: Final = Limit(
    "reminders", (By.DESTINATION,), lambda policy: (Rate(policy.reminders_per_destination_day, DAY),)
)

ALL_LIMITS: Final = (
    START_BY_CLIENT,
    START_BY_NAME_AND_CLIENT,
    START_BY_NAME,
    VERIFY_BY_CLIENT,
    SIGN_IN_BY_CLIENT,
    SIGN_IN_BY_NAME_AND_CLIENT,
    CHANGE_PASSWORD,
    REGISTRATION_SENDS,
    CHANGE_SENDS,
    CODES,
    CODES_TO_NOBODY,
    REMINDERS,
)


def texts_to_prefix(policy: Policy) -> Rate:
    """Return the rate of text messages to numbers with the same prefix. It stops fraud with number ranges (A-25)."""
    return Rate(policy.sends_per_prefix_hour, HOUR)


def texts_of_everybody(policy: Policy) -> Rate:
    """Return the rate of text messages and calls of the whole installation."""
    return Rate(policy.sends_by_phone_day, DAY)


def counts_about(values: Mapping[By, Collection[str]]) -> list[tuple[Limit, dict[By, str]]]:
    """Return every counter whose key derives from `values`. Counters by client cannot be derived; they expire."""
    return [
        (limit, dict(zip(limit.by, chosen, strict=True)))
        for limit in ALL_LIMITS
        if values.keys() >= set(limit.by)
        for chosen in product(*(sorted(values[by]) for by in limit.by))
    ]


# -- counting within windows --


@dataclass(frozen=True, slots=True)
class Window:
    """The number of hits since `since`."""

    since: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether one hit is allowed. `retry_after` is in whole seconds, and 0 when allowed."""

    allowed: bool
    retry_after: int = 0


def current(windows: Mapping[str, Window], rate: Rate, now: datetime) -> Window:
    """Return the window of `rate` that contains `now`; a new empty one if the last window has ended."""
    window = windows.get(rate.key)
    if window is None or now >= window.since + rate.period:
        return Window(now, 0)
    return window


def verdict(windows: Mapping[str, Window], rates: Sequence[Rate], now: datetime) -> Allowance:
    """Return whether one more hit fits into every rate, and if not, the wait until all full windows have ended."""
    waits = [
        (window.since + rate.period - now).total_seconds()
        for rate in rates
        if (window := current(windows, rate, now)).count >= rate.limit
    ]
    return Allowance(allowed=False, retry_after=max(1, ceil(max(waits)))) if waits else Allowance(allowed=True)


def counted(windows: Mapping[str, Window], rates: Sequence[Rate], now: datetime) -> dict[str, Window]:
    """Return the windows after one more hit."""
    after = {}
    for rate in rates:
        window = current(windows, rate, now)
        after[rate.key] = Window(window.since, window.count + 1)
    return after


def credited(credit: Mapping[str, Window], windows: Mapping[str, Window]) -> dict[str, Window]:
    """Return the credit with one more hit to subtract in each of the current windows."""
    return {key: Window(window.since, _count_of(credit, key, window) + 1) for key, window in windows.items()}


def forgiven(windows: Mapping[str, Window], credit: Mapping[str, Window]) -> dict[str, Window]:
    """Return the windows without the hits that turned out not to count.

    A hit is subtracted only from the window that counted it. Credit in a later window would allow free guesses.
    """
    return {
        key: Window(window.since, max(0, window.count - _count_of(credit, key, window)))
        for key, window in windows.items()
    }


def _count_of(counts: Mapping[str, Window], key: str, window: Window) -> int:
    found = counts.get(key)
    return found.count if found is not None and found.since == window.since else 0
