"""Stop self-service of an account and start it again, for an administrator (rules 12, 21 and 29).

While it is stopped, strangers see what they see of an account without methods, and its owner changes nothing.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.account import ObjectId
from shared.domain.objection import added_lately
from shared.domain.person import Freeze, Notice, Person, RegisteredMethod
from shared.domain.policy import Policy
from shared.domain.unblocking import opened


def frozen(
    person: Person, *, by: ObjectId, reason: str, event: str, version: str, session_version: str, now: datetime
) -> Person:
    """Return the row with self-service stopped. The same row if it is.

    Both versions move, and what somebody may have begun ends, as after an objection: a thief's must not live on.
    """
    if person.frozen_at is not None:
        return person
    after = replace(
        person,
        frozen_at=now,
        freeze=Freeze(by=by, reason=reason),
        version=version,
        session_version=session_version,
        pending=(),
        lost_at=None,
        activation_request=None,
        activation=None,
    )
    return after.with_notice(Notice(event=event, template="frozen_by_administrator", at=now), alone=True)


def thawed(person: Person, *, event: str, version: str, session_version: str, now: datetime, policy: Policy) -> Person:
    """Return the row with self-service started. The same row if it is.

    The wrong answers that were counted meanwhile are forgotten: right ones were wrong too. Both versions move. Codes
    from notices stay good.
    """
    if person.frozen_at is None:
        return person
    after = replace(
        opened(person),
        methods=_rested(person, now, policy),
        frozen_at=None,
        freeze=None,
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
