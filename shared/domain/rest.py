"""Decide how long a method that was added without a proof rests (rule 21)."""

from datetime import datetime, timedelta

from shared.domain.person import MethodState, Person, RegisteredMethod
from shared.domain.policy import Policy


def rests_until(person: Person, now: datetime, policy: Policy) -> datetime | None:
    """Return the end of the rest of a method that is added now without a proof. None if it need not rest (rule 21).

    It rests where another method has been usable for a whole rest period, or was until it was removed. So the changer
    can alter nothing on which the rest depends, and the first methods of an account do not rest.
    """
    rest = timedelta(hours=policy.new_method_rest_hours)
    present = any(_was_usable(method, now - rest) for method in person.methods)
    guarded = person.guarded_until is not None and now < person.guarded_until
    return now + rest if rest and (present or guarded) else None


def guarded_until(person: Person, gone: RegisteredMethod, now: datetime, policy: Policy) -> datetime | None:
    """Return until when the removed method counts as present: a rest period, if it was usable for one (rule 21)."""
    rest = timedelta(hours=policy.new_method_rest_hours)
    return now + rest if _was_usable(gone, now - rest) else person.guarded_until


def _was_usable(method: RegisteredMethod, at: datetime) -> bool:
    return method.state is MethodState.CONFIRMED and method.since <= at
