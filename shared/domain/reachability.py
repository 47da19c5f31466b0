"""Reachability: what providers and answers tell about whether a message arrives where a method points.

A suspect method is one that a provider has given up on. It still proves: a bounce is no proof that the person lost the
address, and a stranger who fills a mailbox must not take a gate away (rule 10). It is shown, asked about, and not
relied upon where something else is there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.domain.contact import Contact
from shared.domain.person import MethodState, Person, RegisteredMethod


class Outcome(StrEnum):
    """What became of one message; the stable words on rows and in the audit log."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    SUPPRESSED = "suppressed"
    UNREACHABLE = "unreachable"
    QUARANTINED = "quarantined"
    FILTERED = "filtered_spam"
    FAILED = "failed"
    OTHER = "other"


FOR_GOOD: Final = frozenset({Outcome.BOUNCED, Outcome.SUPPRESSED, Outcome.UNREACHABLE})
"""It will not arrive next time either. The rest is the weather: a busy carrier, a spam filter's mood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """One provider's word about one message. The contact prints masked, and is compared, never kept."""

    account: str
    """The account key, or its beginning; empty when the message was not one of ours."""
    contact: Contact
    outcome: Outcome
    at: datetime
    """The provider's clock: reports come in any order, more than once."""


def suspected(person: Person, destination: str, *, reason: str, at: datetime) -> Person:
    """The row with every confirmed method at that destination suspect, unless something newer speaks for it."""
    return _with(
        person,
        destination,
        lambda method: replace(method, suspect_at=at, suspect_reason=reason) if _is_news(method, at) else method,
    )


def reached(person: Person, destination: str, *, at: datetime) -> Person:
    """The row once a code from there came back, or a message was delivered: older suspicions are over.

    When it happened stays on the row, because the report of an older bounce may still be on its way.
    """
    return _with(
        person,
        destination,
        lambda method: (
            replace(method, suspect_at=None, suspect_reason="", reached_at=at)
            if method.suspect_at is not None and at > method.suspect_at
            else method
        ),
    )


def at_destination(person: Person, destination: str) -> tuple[RegisteredMethod, ...]:
    """The confirmed methods that point there; what is not confirmed proves nothing, so nothing is lost with it."""
    return tuple(method for method in person.confirmed if method.destination == destination)


def _is_news(method: RegisteredMethod, at: datetime) -> bool:
    known = (method.confirmed_at, method.reached_at, method.suspect_at)
    return all(moment is None or at > moment for moment in known)


def _with(person: Person, destination: str, change: Callable[[RegisteredMethod], RegisteredMethod]) -> Person:
    methods = tuple(
        change(method) if method.destination == destination and method.state is MethodState.CONFIRMED else method
        for method in person.methods
    )
    return replace(person, methods=methods)
