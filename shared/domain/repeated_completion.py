"""Recognise a completion that comes again: after a lost answer, a second press, or a host that was stopped (rule 30).

The row keeps what each completion of a valid token did, with an HMAC of its password under a random key that only the
sealed token has. So the row alone tells nothing about the password, and neither does a token without the row.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.completion import LONGEST
from shared.domain.person import MAX_COMPLETIONS, Completion, CompletionState, Person
from shared.domain.verification import ResetGrant


class Ending(StrEnum):
    """What a reset ends in."""

    PASSWORD = "password"  # noqa: S105  a word, not a password
    UNLOCK = "unlock"
    """The lock of the directory ends, and the password stays."""
    ACCESS_PASS = "temporary_access_pass"  # noqa: S105  a word
    """The directory issues a Temporary Access Pass, and the password stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to complete a reset. `mac` is empty for a token of an earlier build, which is not recognised."""

    grant: ResetGrant
    mac: str
    ends_in: Ending


def request_of(grant: ResetGrant, ends_in: Ending, password: str = "") -> Request:
    """Return what identifies the request. The ending is in the key, so that no password is taken for another ending."""
    key = f"{grant.k}{'' if ends_in is Ending.PASSWORD else ends_in}".encode()
    mac = hmac.digest(key, password.encode(), hashlib.sha256) if grant.k else b""
    return Request(grant=grant, mac=base64.urlsafe_b64encode(mac).decode().rstrip("="), ends_in=ends_in)


def is_same(request: Request, earlier: Completion) -> bool:
    return bool(request.mac) and hmac.compare_digest(request.mac, earlier.mac)


def newest(person: Person, request: Request) -> Request:
    """Return the request as another try, where the same one was withdrawn before and the answer may be lost.

    Nothing was set then. The grant that is returned is the one that the lost answer carried.
    """
    grant = request.grant
    for _ in person.completions:
        earlier = person.completion_of(grant.version)
        if earlier is None or earlier.state is not CompletionState.WITHDRAWN or not is_same(request, earlier):
            break
        grant = replace(grant, version=earlier.version, attempt=grant.attempt + 1)
    return replace(request, grant=grant)


def state_of(earlier: Completion, now: datetime) -> CompletionState:
    """Return what is known about it now. One that is under way for too long has an unknown outcome."""
    overdue = earlier.state is CompletionState.UNDER_WAY and now >= earlier.at + LONGEST + CLOCK_MARGIN
    return CompletionState.UNKNOWN if overdue else earlier.state


def with_completion(person: Person, request: Request, *, version: str, now: datetime) -> Person:
    """Return the row with this completion under way. Those whose tokens have expired are removed."""
    kept = tuple(c for c in person.completions if now < c.leaves_at)
    if not request.mac:
        return replace(person, completions=kept)
    ours = Completion(
        spent=request.grant.version,
        version=version,
        mac=request.mac,
        at=now,
        leaves_at=request.grant.expires_at + CLOCK_MARGIN,
    )
    return replace(person, completions=(*kept, ours)[-MAX_COMPLETIONS:])


def repeated(person: Person, earlier: Completion) -> Person:
    """Return the row with one repeat more."""
    again = replace(earlier, repeats=earlier.repeats + 1)
    return replace(person, completions=tuple(again if c == earlier else c for c in person.completions))
