"""Decide when a person is asked whether a method is still right, and for how long they may put it off (M13).

Reconfirming needs a fresh sign-in and no proof, and proves nothing. It changes no method and no account version (rules
12 and 20), and a method that cannot be reached is asked about until an answer came from there.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.errors import InvalidInput
from shared.domain.person import MethodState, Person, RegisteredMethod, Snooze
from shared.domain.policy import Policy


def days_before(policy: Policy) -> tuple[int, ...]:
    """Return how many days before it falls due a person is asked, the most first.

    Not in the first half of the period: with a short one, the person has only just confirmed.
    """
    days = (policy.remind_first_days, policy.remind_second_days)
    return tuple(sorted({before for before in days if 0 < 2 * before <= policy.reconfirm_days}, reverse=True))


def is_asked(person: Person, method: RegisteredMethod, policy: Policy, now: datetime) -> bool:
    """Whether the page asks if this method is still right: from the day of the first reminder, unless it was put off.

    Not for a suspect one, nor for one that an administrator asked for: a press proves nothing.
    """
    return _is_old(method, policy, now) and _takes_a_word(method) and not is_put_off(person, now)


def reconfirmed(person: Person, now: datetime, only: tuple[str, str] | None = None) -> Person:
    """Return the row after the person said that every method, or `only` this one, is still right: it is confirmed now.

    A suspect one stays suspect, and one that an administrator asked for stays to be confirmed: a thief of the session
    could clear it. Only an answer by it proves that it works. Raises InvalidInput for a method that is not confirmed.
    """
    right = [m for m in person.confirmed if only in {None, (m.name, m.credential)}]
    if only is not None and not right:
        raise InvalidInput("method", "not_registered")
    methods = tuple(
        replace(method, confirmed_at=now) if method in right and _takes_a_word(method) else method
        for method in person.methods
    )
    return replace(person, methods=methods)


def put_off(person: Person, policy: Policy, now: datetime) -> Person:
    """Return the row after the person put the question off. The same row if there is none, or if it may not wait."""
    oldest = _oldest(person)
    if oldest is None or not may_put_off(person, policy, now):
        return person
    until = now + timedelta(days=policy.snooze_days)
    return replace(person, snooze=Snooze(of=oldest, until=until, count=_count(person) + 1))


def may_put_off(person: Person, policy: Policy, now: datetime) -> bool:
    """Whether something is asked that may wait."""
    is_question = any(method.suspect_at or _is_old(method, policy, now) for method in person.confirmed)
    return is_question and not is_put_off(person, now) and _count(person) < policy.snoozes


def is_put_off(person: Person, now: datetime) -> bool:
    """Whether the person asked for some more days."""
    until = put_off_until(person)
    return until is not None and now < until


def put_off_until(person: Person) -> datetime | None:
    """Return until when the question was put off in this period. None if it was not."""
    return person.snooze.until if person.snooze is not None and person.snooze.of == _oldest(person) else None


def _takes_a_word(method: RegisteredMethod) -> bool:
    return method.suspect_at is None and not method.must_renew


def _is_old(method: RegisteredMethod, policy: Policy, now: datetime) -> bool:
    if method.state is not MethodState.CONFIRMED or method.confirmed_at is None or not policy.reconfirm_days:
        return False
    before = max(days_before(policy), default=0)
    return now >= method.confirmed_at + timedelta(days=policy.reconfirm_days - before)


def _count(person: Person) -> int:
    return person.snooze.count if person.snooze is not None and person.snooze.of == _oldest(person) else 0


def _oldest(person: Person) -> datetime | None:
    return min((method.confirmed_at for method in person.confirmed if method.confirmed_at), default=None)
