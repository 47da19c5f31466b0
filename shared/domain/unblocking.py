"""Open again, for an administrator, what wrong answers closed and what an objection stopped (rules 10, 12 and 29)."""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.objection import added_lately
from shared.domain.person import Notice, Person, RegisteredMethod
from shared.domain.policy import Policy


def unblocked(
    person: Person, *, event: str, version: str, session_version: str, now: datetime, policy: Policy
) -> Person:
    """Return the row with every method and sign-in open, and self-service started. The same row if nothing was counted.

    Both versions move: what began while the account was closed ends. Codes from notices stay good (rule 29).
    """
    counted = any(failures.count or failures.consecutive for failures in person.failures.values())
    if not (counted or person.sign_in_failures or person.frozen_at):
        return person
    after = replace(
        person,
        methods=_rested(person, now, policy) if person.frozen_at else person.methods,
        failures={},
        sign_in_failures=0,
        sign_in_closed_at=None,
        frozen_at=None,
        version=version,
        session_version=session_version,
    )
    return after.with_notice(Notice(event=event, template="unblocked", at=now), alone=True)


def _rested(person: Person, now: datetime, policy: Policy) -> tuple[RegisteredMethod, ...]:
    """Return the methods, of which those that were added lately rest, beside one that has long been there (rule 21).

    A thief may have removed the address of the owner first, so that it could stop nothing that came later. When it is
    back, the owner has the time to look: the thief must not be the first to use what is left.
    """
    rest, lately = timedelta(hours=policy.new_method_rest_hours), added_lately(person, now)
    if not any(method not in lately and method.since <= now - rest for method in person.confirmed):
        return person.methods
    return tuple(
        replace(method, usable_from=max(method.since, now + rest)) if method in lately else method
        for method in person.methods
    )
