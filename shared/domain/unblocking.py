"""Open again, for an administrator, what wrong answers and wrong passwords closed (rules 10, 12 and 18)."""

from dataclasses import replace
from datetime import datetime

from shared.domain.person import Notice, Person


def unblocked(person: Person, *, event: str, version: str, session_version: str, now: datetime) -> Person:
    """Return the row with every method and sign-in open. The same row if nothing was counted.

    Both versions move: what began while the account was closed ends. A freeze stays (shared/domain/freezing.py).
    """
    counted = any(failures.count or failures.consecutive for failures in person.failures.values())
    if not (counted or person.sign_in_failures):
        return person
    after = replace(opened(person), version=version, session_version=session_version)
    return after.with_notice(Notice(event=event, template="unblocked", at=now), alone=True)


def opened(person: Person) -> Person:
    """Return the row with nothing counted."""
    return replace(person, failures={}, sign_in_failures=0, sign_in_closed_at=None)
