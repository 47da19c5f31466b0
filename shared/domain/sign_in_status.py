"""Decide what a sign-in page must ask a person for, and for how long it may be put off (M14)."""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.person import Asked, Person
from shared.domain.policy import Policy


class SignInStatus(StrEnum):
    """What a registration lacks when its owner signs in somewhere."""

    MUST_REGISTER = "must_register"
    """The confirmed methods do not open every gate of a reset, or are fewer than the organisation asks for."""
    MUST_RECONFIRM = "must_reconfirm"
    """They do, but they are due, suspect or opted out."""
    FINE = "fine"


def asked(person: Person, status: SignInStatus, now: datetime) -> Person:
    """Return the row after a sign-in page was told this status. The days count from the first time it was told."""
    if status is SignInStatus.FINE:
        return replace(person, asked=None)
    if person.asked is not None and person.asked.status == status:
        return person
    return replace(person, asked=Asked(status=status.value, since=now))


def put_off_until(person: Person, policy: Policy) -> datetime | None:
    """Return until when the person may go on without doing it. None: nothing is asked for, or nothing has an end."""
    if person.asked is None or not policy.registration_required:
        return None
    return person.asked.since + timedelta(days=policy.registration_skip_days)
