"""Let a person who has lost every method add one without a proof, after a wait in which everybody is told (rule 20).

The wait depends on the time of its beginning and the policy only. Whoever changes something in between can end it, and
never shorten it. A new password ends it too: what began with the old one must not live on (rule 12).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.person import Change, Person
from shared.domain.policy import Policy
from shared.domain.registration import told

OPEN_FOR: Final = timedelta(days=7)
"""How long methods may be added after the wait. A right without an end would outlive the people who were told."""


def ends_at(begun_at: datetime, policy: Policy) -> datetime:
    """Return the end of a wait that began at that time, perhaps by the clock of another instance (rule 32)."""
    return begun_at + timedelta(days=policy.loss_wait_days) + CLOCK_MARGIN


def wait_of(person: Person, policy: Policy, now: datetime) -> tuple[datetime, datetime] | None:
    """Return when the wait ends and when the right after it lapses. None if there is none now.

    Nor while a method is compromised: a thief of the password, of whom the owner was told before, would only wait.
    """
    ends = ends_at(person.lost_at, policy) if person.lost_at is not None and not person.compromised else None
    return (ends, ends + OPEN_FOR) if ends is not None and now < ends + OPEN_FOR else None


def may_add(person: Person, policy: Policy, now: datetime) -> bool:
    """Whether a fresh sign-in may add a method without a proof."""
    wait = wait_of(person, policy, now)
    return wait is not None and wait[0] <= now


def begun(person: Person, *, event: str, now: datetime, origin: str = "") -> Person:
    """Return the row with a wait that begins now. Its notice carries a code to stop it (rule 29)."""
    return told(replace(person, lost_at=now), Change(event=event, at=now), "loss_wait", origin)


def ended(person: Person) -> Person:
    """Return the row without the wait, and without what it allowed to begin."""
    kept = tuple(one for one in person.pending if one.proved or one.is_stored or one.opening)
    return replace(person, lost_at=None, pending=kept)
