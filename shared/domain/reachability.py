"""Record on the row whether messages reach a method, from delivery reports and from right answers.

A suspect method is one that a provider could not deliver to. It still proves: the person may still have the address,
and a stranger who fills a mailbox must not take a method away (rule 10). The page shows that it is suspect and asks
the person to check it. Rules that need a reachable method use another one where there is one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.domain.contact import Contact
from shared.domain.person import MethodState, Person, RegisteredMethod


class Outcome(StrEnum):
    """The outcome of one message. Rows and the audit log contain these words."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    SUPPRESSED = "suppressed"
    UNREACHABLE = "unreachable"
    QUARANTINED = "quarantined"
    FILTERED = "filtered_spam"
    FAILED = "failed"
    OPTED_OUT = "opted_out"
    """The person answered a text with STOP."""
    SENDER_REFUSED = "sender_refused"
    """Nothing about the recipient: the operator's sender, its registration or its quota was refused."""
    OTHER = "other"
    """No verdict: the provider's reason is not documented."""


FOR_GOOD: Final = frozenset({Outcome.BOUNCED, Outcome.SUPPRESSED, Outcome.UNREACHABLE})
"""Permanent failures. All others may be temporary, such as a busy carrier or a spam filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """One provider's report about one message. The contact is only compared, never stored, and printed masked."""

    account: str
    """The account key, or its first characters. Empty when this service did not send the message."""
    contact: Contact
    outcome: Outcome
    at: datetime
    """By the provider's clock. Reports come in any order and more than once."""
    code: str = ""
    """The documented code of a failure, for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A person's answer to a text: nothing more, or texts again. Of what they wrote nothing else is kept."""

    contact: Contact
    opts_out: bool
    at: datetime
    """By the provider's clock. Replies come in any order and more than once."""


def suspected(person: Person, destination: str, *, reason: str, at: datetime) -> Person:
    """Return the row with every confirmed method at that destination suspect, unless it was proved or reached later."""
    return _with(
        person,
        destination,
        lambda method: replace(method, suspect_at=at, suspect_reason=reason) if _is_news(method, at) else method,
    )


def reached(person: Person, destination: str, *, at: datetime) -> Person:
    """Return the row after a code sent there was answered, or a message was delivered: no longer suspect.

    The time stays on the row, because the report of an older failure may still arrive.
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
    """Return the confirmed methods at that destination. Others prove nothing, so a failed delivery does not matter."""
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
