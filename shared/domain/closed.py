"""Say what is closed for an account, since when and until when, as an administrator sees it (rules 10, 18 and 29)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.sent_codes import is_suspended


class Closed(StrEnum):
    """What is closed, and why."""

    FROZEN = "frozen"
    """Self-service: an administrator stopped it, or somebody objected to a change."""
    COMPROMISED = "compromised"
    """Every change: what could prove one was declared compromised. It takes an activation."""
    EMPTIED = "emptied"
    """Adding a method: an administrator removed the last one. It takes the wait of a loss, or an activation."""
    METHOD = "method"
    """A method: too many wrong answers in a day, or in a row. Without an end until it is unblocked or confirmed."""
    SIGN_IN = "sign_in"
    """Sign-in from unknown networks without a bot check: too many wrong passwords in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """One thing that is closed."""

    what: Closed
    method: str = ""
    purpose: str = ""
    """For what a method is closed: `reset` or `change`, with the gate of a reset."""
    gate: int = 0
    since: datetime | None = None
    until: datetime | None = None
    """None: until somebody opens it."""


def closures(person: Person, policy: Policy, now: datetime) -> Iterator[Closure]:
    """Yield what is closed now, the gravest first."""
    if person.frozen_at is not None:
        yield Closure(what=Closed.FROZEN, since=person.frozen_at)
    if person.needs_activation(policy.methods):
        yield Closure(what=Closed.COMPROMISED)
    if person.emptied:
        yield Closure(what=Closed.EMPTIED)
    if person.sign_in_failures >= policy.session_failures_consecutive:
        yield Closure(what=Closed.SIGN_IN, since=person.sign_in_closed_at)
    for key, failures in person.failures.items():
        if is_suspended(failures, policy, now):
            purpose, gate, method = key.split(":", 2)
            ends = failures.consecutive < policy.failures_consecutive
            until = failures.suspended_until if ends else None
            yield Closure(
                what=Closed.METHOD, method=method, purpose=purpose, gate=int(gate), since=failures.since, until=until
            )
