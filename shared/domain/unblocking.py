"""Open again, for an administrator, what wrong answers closed and what an objection stopped (rules 10, 12 and 29)."""

from dataclasses import replace
from datetime import datetime

from shared.domain.person import Notice, Person


def unblocked(person: Person, *, event: str, version: str, session_version: str, now: datetime) -> Person:
    """Return the row with every method and sign-in open, and self-service started. The same row if nothing was counted.

    Both versions move: what began while the account was closed ends. Codes from notices stay good (rule 29).
    """
    counted = any(failures.count or failures.consecutive for failures in person.failures.values())
    if not (counted or person.sign_in_failures or person.frozen_at):
        return person
    after = replace(
        person,
        failures={},
        sign_in_failures=0,
        sign_in_closed_at=None,
        frozen_at=None,
        version=version,
        session_version=session_version,
    )
    return after.with_notice(Notice(event=event, template="unblocked", at=now), alone=True)
