"""Tell every address that somebody signed in and tried to change methods, but proved nothing (rule 20).

Whoever knows the password gets as far as that. The owner gets there too, on the way to the proof. So the notice waits
for as long as a proof may take, and the proof withdraws it.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.person import Notice, Person
from shared.domain.policy import Policy

TEMPLATE: Final = "change_unproved"

TOLD_AGAIN_AFTER: Final = timedelta(days=1)
"""It costs no more than a sign-in to cause it, so the person gets one a day at most (rule 23)."""


def waits(policy: Policy) -> timedelta:
    """Return for how long a proof may still come."""
    return timedelta(seconds=policy.verification_seconds) + CLOCK_MARGIN


def attempted(person: Person, *, event: str, now: datetime, origin: str, policy: Policy) -> Person:
    """Return the row with the notice that a change was tried without a proof. The same row if that was told lately."""
    if person.unproved_at is not None and now < person.unproved_at + TOLD_AGAIN_AFTER:
        return person
    notice = Notice(event=event, template=TEMPLATE, at=now, origin=origin, next_at=now + waits(policy))
    return replace(person, unproved_at=now).with_notice(notice, alone=True)


def proved(person: Person) -> Person:
    """Return the row after a proof: it was the owner who tried, so nothing needs to be told that was not told yet."""
    kept = tuple(notice for notice in person.notices if notice.template != TEMPLATE or notice.attempts or notice.sent)
    return person if kept == person.notices else replace(person, notices=kept, unproved_at=None)
