"""Define every limit: its name, what it counts by, and its rates.

Erasure derives from `ALL_LIMITS` which counters of a person to delete (rule 15), so every limit must be in it.
The functions that count within windows are at the end.

Long: the names, the rates and the counting are read together.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product
from math import ceil
from typing import Final

from shared.domain.person import Lane
from shared.domain.policy import Policy

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` hits within `period`, counted from the first hit of a window."""

    limit: int
    period: timedelta
    of: str = ""
    """What is counted, where one counter has windows for several things. Empty for its main one."""
    each: "By | None" = None
    """Counted apart for each value of this kind, within the same counter."""
    counts: bool = True
    """False for a rate that must have room and is counted by another step."""

    @property
    def key(self) -> str:
        """The window's name in a counter: what it counts, and its length. A changed `limit` keeps the count."""
        return f"{self.of}{'.' if self.of else ''}{int(self.period.total_seconds())}"


class By(StrEnum):
    """What a limit counts by. All but the client's address prefix and the method's name are keyed digests."""

    CLIENT = "client"
    NAME = "name"
    ACCOUNT = "account"
    DESTINATION = "destination"
    METHOD = "method"
    VERIFICATION = "verification"
    VERSION = "version"
    """The session version of the row. What completes a reset draws a new one."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit. `name` is part of the counter's key and of the audit event."""

    name: str
    by: tuple[By, ...]
    rates: Callable[[Policy], tuple[Rate, ...]]
    reserves: Callable[[Policy], Mapping[Lane, tuple[Rate, ...]]] = lambda _: {}
    """What is left in the same counter for a lane once `rates` have no room. Neither lane spends the other's."""

    def lanes(self, policy: Policy, having: Collection[Lane]) -> list[tuple[Rate, ...]]:
        """Return the rates for everybody, and then those of these lanes."""
        reserves = self.reserves(policy)
        return [self.rates(policy), *(reserves[lane] for lane in Lane if lane in having and lane in reserves)]


def _starts_by_client(policy: Policy, of: str = "") -> tuple[Rate, ...]:
    return (
        Rate(policy.starts_per_client_minute, MINUTE, of),
        Rate(policy.starts_per_client_hour, HOUR, of),
    )


def _starts_by_name(policy: Policy, of: str = "") -> tuple[Rate, ...]:
    return (
        Rate(policy.starts_per_name_hour, HOUR, of),
        Rate(policy.starts_per_name_day, DAY, of),
        Rate(policy.starts_per_name_and_client_hour, HOUR, of, each=By.CLIENT),
    )


def _failed_sign_ins(policy: Policy, of: str = "") -> tuple[Rate, ...]:
    return (
        Rate(policy.session_failures_consecutive, DAY, of),
        _failed_sign_ins_by_client(policy, of),
    )


def _failed_sign_ins_by_client(policy: Policy, of: str = "") -> Rate:
    return Rate(policy.session_failures_per_name_and_client_15min, 15 * MINUTE, of, each=By.CLIENT)


def _wrong_by_name(policy: Policy) -> tuple[Rate, ...]:
    return (
        # Never below what suspends a method: whoever suspends one has made the check open it again (rule 10).
        Rate(max(policy.failures_per_method_day, policy.verify_failures_per_client_5min), DAY, "wrong"),
        Rate(policy.verify_failures_per_client_5min, 5 * MINUTE, "wrong", each=By.CLIENT),
    )


def _reserve_of_sends(policy: Policy) -> int:
    """Return the codes of a day that each lane has. At least one is left for everybody, and the sum stays the limit."""
    return min(policy.sends_reserved_day, (policy.sends_per_destination_day - 1) // len(Lane))


START_BY_CLIENT: Final = Limit(
    "start.client",
    (By.CLIENT,),
    _starts_by_client,
    lambda policy: {
        Lane.KNOWN: (Rate(policy.starts_reserved_hour, HOUR, Lane.KNOWN),),
        Lane.CHECKED: _starts_by_client(policy, Lane.CHECKED),
    },
)
START_BY_NAME: Final = Limit(
    "start.name",
    (By.NAME,),
    lambda policy: (*_starts_by_name(policy), *(replace(rate, counts=False) for rate in _wrong_by_name(policy))),
    lambda policy: {
        Lane.KNOWN: (Rate(policy.starts_reserved_hour, HOUR, Lane.KNOWN),),
        Lane.CHECKED: _starts_by_name(policy, Lane.CHECKED),
    },
)
"""Also for one name and one client, in the same counter, so that a start costs one call less. Wrong answers are counted
there by `WRONG_BY_NAME` and close no answer, only starts without a bot check (rules 10 and 25)."""
WRONG_BY_NAME: Final = Limit(START_BY_NAME.name, START_BY_NAME.by, _wrong_by_name)
CHALLENGE_BY_VERIFICATION: Final = Limit(
    "challenge.verification",
    (By.VERIFICATION,),
    lambda policy: (Rate(policy.challenges_per_verification, HOUR),),
)
"""Counted by the id, which every token of the verification has: an older token renews nothing."""
NAMED_CHECKS: Final = Limit("password.check", (By.VERIFICATION,), lambda _: (Rate(100, HOUR),))
"""Candidates that are held against the person's names while they are typed. Each one asks the directory."""
OBJECTION_BY_CLIENT: Final = Limit(
    "objection.client",
    (By.CLIENT,),
    _starts_by_client,
    lambda policy: {Lane.CHECKED: _starts_by_client(policy, Lane.CHECKED)},
)
OBJECTION_BY_NAME: Final = Limit(
    "objection.name",
    (By.NAME,),
    lambda policy: (Rate(policy.starts_per_name_hour, HOUR),),
    lambda _: {Lane.CHECKED: (Rate(1_000_000_000, HOUR, Lane.CHECKED),)},
)
"""Behind the bot check it refuses nothing: strangers must not keep the owner from stopping a change (rules 10, 29)."""
ACTIVATION_BY_CLIENT: Final = replace(OBJECTION_BY_CLIENT, name="activation.client")
ACTIVATION_BY_NAME: Final = replace(OBJECTION_BY_NAME, name="activation.name")
"""As for objections: strangers must not keep the person from using the code (rules 10 and 27). It has 80 bits."""
SIGN_IN_BY_CLIENT: Final = Limit(
    "session.client",
    (By.CLIENT,),
    lambda policy: (Rate(policy.session_failures_per_client_5min, 5 * MINUTE),),
    lambda policy: {Lane.CHECKED: (Rate(policy.session_failures_per_client_5min, 5 * MINUTE, Lane.CHECKED),)},
)
SIGN_IN_BY_NAME: Final = Limit(
    "session.name",
    (By.NAME,),
    _failed_sign_ins,
    lambda policy: {
        # A known client has the same limit of its own, and a day that strangers cannot use up (rule 10).
        Lane.KNOWN: (
            Rate(policy.session_failures_consecutive, DAY, Lane.KNOWN),
            _failed_sign_ins_by_client(policy),
        ),
        Lane.CHECKED: _failed_sign_ins(policy, Lane.CHECKED),
    },
)
"""Failures of a typed name from all clients in a day, as many as close an account, and from each client. The account's
own count must not ask for the bot check: that would tell who exists. A success gives back its own hit and does not end
the count: a stranger who sees that the check is no longer asked for would learn that the owner has signed in (rule 9).
"""
SIGN_INS: Final = Limit(
    "session.all", (By.NAME, By.CLIENT), lambda policy: (Rate(policy.sessions_per_name_and_client_hour, HOUR),)
)
"""Counts successes too: they cost a hash as well, and nothing gives them back."""


def directory_failures(lockout: Rate) -> Limit:
    """Return the limit of failures that may reach a directory that locks accounts: two below its lockout (rule 18).

    Two are left for the person, who may mistype the password elsewhere.
    """
    below = Rate(max(1, lockout.limit - 2), lockout.period)
    return Limit("directory.failures", (By.ACCOUNT, By.VERSION), lambda _: (below,))


DIRECTORY_FAILURES: Final = directory_failures(Rate(10, 15 * MINUTE))
"""For the list, by which erasure finds the counter: name and values are the same for every lockout."""
CHANGE_PASSWORD: Final = Limit(
    "me.password",
    (By.ACCOUNT,),
    lambda policy: (Rate(policy.session_failures_per_name_and_client_15min, 15 * MINUTE),),
)
REGISTRATION_SENDS: Final = Limit(
    "registration.sends", (By.ACCOUNT,), lambda policy: (Rate(policy.sends_per_registration_hour, HOUR),)
)
CHANGE_SENDS: Final = Limit("change.sends", (By.ACCOUNT,), REGISTRATION_SENDS.rates)
CODES: Final = Limit(
    "codes",
    (By.DESTINATION,),
    lambda policy: (
        Rate(policy.sends_per_destination_10min, 10 * MINUTE),
        Rate(policy.sends_per_destination_hour, HOUR),
        Rate(policy.sends_per_destination_day - len(Lane) * _reserve_of_sends(policy), DAY),
    ),
    lambda policy: {lane: (Rate(_reserve_of_sends(policy), DAY, lane),) for lane in Lane},
)
CODES_TO_NOBODY: Final = Limit("codes.nobody", (By.ACCOUNT, By.METHOD), CODES.rates, CODES.reserves)
"""Used where there is no destination, so that a delivery for a stranger does the same work."""
REVEALS: Final = Limit("admin.reveals", (By.ACCOUNT,), lambda _: (Rate(20, HOUR), Rate(100, DAY)))
"""Contacts that one administrator is shown in full: far more than a helpdesk needs, far fewer than a copy of all."""
BOT_CHECK: Final = Limit("bot.check", (By.VERIFICATION,), lambda _: (Rate(1, DAY),))
"""By the id of the challenge: one solution opens one step. Its life is far below a day."""
TOKEN_EXCHANGES: Final = Limit("session.token", (By.VERIFICATION,), lambda _: (Rate(1, DAY),))
"""By the id of a token of Microsoft Entra ID: each is good for one session. None is accepted for as long as a day."""
REMINDERS: Final = Limit(
    "reminders", (By.DESTINATION,), lambda policy: (Rate(policy.reminders_per_destination_day, DAY),)
)

ALL_LIMITS: Final = (
    START_BY_CLIENT,
    START_BY_NAME,
    CHALLENGE_BY_VERIFICATION,
    NAMED_CHECKS,
    OBJECTION_BY_CLIENT,
    OBJECTION_BY_NAME,
    ACTIVATION_BY_CLIENT,
    ACTIVATION_BY_NAME,
    SIGN_IN_BY_CLIENT,
    SIGN_IN_BY_NAME,
    SIGN_INS,
    DIRECTORY_FAILURES,
    CHANGE_PASSWORD,
    REGISTRATION_SENDS,
    CHANGE_SENDS,
    CODES,
    CODES_TO_NOBODY,
    REVEALS,
    BOT_CHECK,
    TOKEN_EXCHANGES,
    REMINDERS,
)


def texts_to_prefix(policy: Policy) -> Rate:
    """Return the rate of text messages to numbers with the same prefix. It stops fraud with number ranges (A-25)."""
    return Rate(policy.sends_per_prefix_hour, HOUR)


def texts_of_everybody(policy: Policy) -> Rate:
    """Return the rate of text messages and calls of the whole installation."""
    return Rate(policy.sends_by_phone_day, DAY)


def wrong_answers_of_client(policy: Policy) -> Rate:
    """Return the rate of wrong answers of one client, for all names together."""
    return Rate(policy.verify_failures_per_client_hour, HOUR, "wrong")


def wrong_names_of_client(policy: Policy) -> Rate:
    """Return the rate of names for which one client gave a wrong answer: guesses spread over accounts."""
    return Rate(max(2, policy.verify_failures_per_client_hour // 5), HOUR, "names")


def wrong_answers_of_everybody(policy: Policy) -> Rate:
    """Return the rate of wrong answers of the whole installation, past which every start needs the bot check."""
    return Rate(policy.verify_failures_5min, 5 * MINUTE, "breaker")


TEXTED: Final = Rate(1_000_000_000, HOUR, "texted")
"""Codes that were sent by text message. It refuses nothing."""
CAME_BACK: Final = Rate(1_000_000_000, HOUR, "came-back")
"""Codes from text messages that passed a gate. It refuses nothing."""
FEW_TEXTS: Final = 30
"""Below so many texted codes in an hour, their share that comes back says nothing."""


def challenges_of_client(policy: Policy) -> Rate:
    """Return the rate of challenges of one client: for as many starts as it has, two gates with three codes each."""
    return Rate(6 * policy.starts_per_client_hour, HOUR, "challenges")


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
    counted: tuple[Rate, ...] = field(default=(), compare=False)
    """The rates in which the hit was counted."""
    at: datetime | None = field(default=None, compare=False)
    """When it was counted there. None if it cannot be taken back."""
    contended: bool = field(default=False, compare=False)
    """Whether it was refused only because too many writes met (rule 15)."""
    is_first_of_client: bool = field(default=False, compare=False)
    """Whether it opened the first window of this client, where clients are counted apart."""


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


def admitted(windows: Mapping[str, Window], lanes: Sequence[Sequence[Rate]], now: datetime) -> Allowance:
    """Return whether one more hit fits into a lane, and the rates of the first one that has room.

    Without room anywhere, the wait is that of the last lane: what the caller may use when nobody else's is left.
    """
    told = Allowance(allowed=False)
    for rates in lanes:
        told = verdict(windows, rates, now)
        if told.allowed:
            counts = tuple(rate for rate in rates if rate.counts)
            first = any(rate.each and not current(windows, rate, now).count for rate in counts)
            return replace(told, counted=counts, at=now, is_first_of_client=first)
    return told


def counted(windows: Mapping[str, Window], rates: Sequence[Rate], now: datetime) -> dict[str, Window]:
    """Return the windows after one more hit, without those that have ended."""
    after = {key: window for key, window in windows.items() if now < window.since + _length(key)}
    for rate in rates:
        window = current(windows, rate, now)
        after[rate.key] = Window(window.since, window.count + 1)
    return after


def credited(credit: Mapping[str, Window], windows: Mapping[str, Window], hit: Allowance) -> dict[str, Window]:
    """Return the credit with this hit to subtract in the windows that counted it.

    A window that began after the hit is another one, also if clocks differ: a window begins only after the one before
    it has ended, and that one was open at the hit. Credit there would be an additional guess.
    """
    more = {
        rate.key: Window(window.since, _count_of(credit, rate.key, window) + 1)
        for rate in hit.counted
        if (window := windows.get(rate.key)) is not None and hit.at is not None and window.since <= hit.at
    }
    return {**credit, **more}


def forgiven(windows: Mapping[str, Window], credit: Mapping[str, Window]) -> dict[str, Window]:
    """Return the windows without the hits that turned out not to count.

    A hit is subtracted only from the window that counted it. Credit in a later window would allow free guesses.
    """
    return {
        key: Window(window.since, max(0, window.count - _count_of(credit, key, window)))
        for key, window in windows.items()
    }


def _length(key: str) -> timedelta:
    return timedelta(seconds=int(key.rpartition(".")[2]))


def _count_of(counts: Mapping[str, Window], key: str, window: Window) -> int:
    found = counts.get(key)
    return found.count if found is not None and found.since == window.since else 0
