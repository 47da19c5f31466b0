"""Password policies of draft-behera-ldap-password-policy, as servers answer and keep them."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Final

from shared.domain.limits import Rate

CONTROL: Final = "1.3.6.1.4.1.42.2.27.8.5.1"

DAY: Final = timedelta(days=1)
UNKNOWN_LOCKOUT: Final = Rate(5, DAY)
"""Assumed where the policies cannot be read: stricter than usual, so that no account is locked from here."""


class Error(IntEnum):
    """The errors of the response control."""

    EXPIRED = 0
    LOCKED = 1
    CHANGE_AFTER_RESET = 2
    NO_CHANGE_ALLOWED = 3
    OLD_PASSWORD_NEEDED = 4
    QUALITY = 5
    TOO_SHORT = 6
    TOO_YOUNG = 7
    IN_HISTORY = 8
    TOO_LONG = 9


REASONS: Final = {
    Error.NO_CHANGE_ALLOWED: "not_changeable",
    Error.QUALITY: "quality",
    Error.TOO_SHORT: "length",
    Error.TOO_YOUNG: "too_young",
    Error.IN_HISTORY: "in_history",
    Error.TOO_LONG: "too_long",
}
"""The words for a password that the policy refuses. They are part of the HTTP contract."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the response control says. A server without policies says nothing."""

    error: Error | None = None
    by_grace: bool = False
    """The password has expired; the server let it in one of the last times."""


def said_in(value: object) -> Said:
    """Read the value of the control (BER).

        SEQUENCE { warning [0] CHOICE { timeBeforeExpiration [0], graceAuthNsRemaining [1] } OPTIONAL,
                   error [1] ENUMERATED OPTIONAL }

    What cannot be read says nothing: then the result code alone decides.
    """
    error, by_grace = None, False
    if not isinstance(value, bytes) or len(value) < 2 or value[0] != 0x30 or value[1] != len(value) - 2:
        return Said()
    rest = value[2:]
    while len(rest) > 2 and len(rest) >= 2 + rest[1]:
        tag, content, rest = rest[0], rest[2 : 2 + rest[1]], rest[2 + rest[1] :]
        if tag == 0xA0:
            by_grace = content[:1] == b"\x81"
        elif tag == 0x81 and len(content) == 1 and content[0] in set(Error):
            error = Error(content[0])
    return Said(error, by_grace)


@dataclass(frozen=True, slots=True)
class Policy:
    """What one policy says about locks."""

    lockout: Rate | None
    lock_lasts: timedelta | None = None
    """None where only an administrator ends a lock."""
    counts_for_ever: bool = False
    """Whether failures count until a success, however long ago they were."""
    max_age: timedelta | None = None
    """After which a password expires. None where it does not, or where it is not known which policy holds."""


def policy_of(*, locks: bool, failures: int, interval: int, duration: int, max_age: int) -> Policy:
    """Build it from pwdLockout, pwdMaxFailure, pwdFailureCountInterval, pwdLockoutDuration and pwdMaxAge (seconds)."""
    window = timedelta(seconds=interval) if interval else DAY
    lockout = Rate(failures, window) if locks and failures else None
    lasts, age = (timedelta(seconds=given) if given else None for given in (duration, max_age))
    return Policy(lockout, lasts, not interval, age)


def strictest(policies: list[Policy]) -> Rate | None:
    """Return the fewest failures and the longest window of all policies that lock. None where none does."""
    rates = [policy.lockout for policy in policies if policy.lockout]
    if not rates:
        return None
    return Rate(min(rate.limit for rate in rates), max(rate.period for rate in rates))
