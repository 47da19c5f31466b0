"""Compute the row after an answer was judged and counted (rules 3, 10 and 14).

These functions write nothing and answer nothing. The caller answers only after the row that it got from here was
written, so parallel requests never learn more outcomes than were counted. A try at an open gate is counted even where
no code was sent, or the code has expired.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.loss_wait import ended
from shared.domain.person import (
    MAX_ATTEMPTS,
    Attempt,
    AttemptId,
    Evidence,
    Failures,
    Lane,
    MethodState,
    Notice,
    Person,
    Purpose,
    Sealed,
)
from shared.domain.policy import Policy
from shared.domain.rest import guarded_until
from shared.domain.sent_codes import failures_now, is_suspended, open_reserve
from shared.domain.trail import Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The result of an answer. `person` is the row to write. `passed` may be told only after that write."""

    person: Person
    passed: Evidence | None = None
    suspends: bool = False
    copied: bool = False
    """Whether somebody seems to have a copy of the credential that answered. Recorded for the operator only."""
    left: int | None = None
    """How many answers the credential has left after a right one. None if they are not numbered."""

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Return the audit events beside the outcome of the answer."""
        told = {
            Tag.METHOD_SUSPENDED: self.suspends,
            Tag.METHOD_COPIED: self.copied,
            Tag.METHOD_USED_UP: self.left == 0,
        }
        return tuple(tag for tag, happened in told.items() if happened)


def open_attempt(person: Person, of: AttemptId, expires_at: datetime, policy: Policy) -> Attempt | None:
    """Return the attempt, or a new one. Return None if it has passed or has no tries left.

    Call it before anything is compared or hashed (rule 3).
    """
    attempt = person.attempt(of) or Attempt(id=of, leaves_at=expires_at + CLOCK_MARGIN)
    return None if attempt.passed or attempt.tries >= policy.tries_per_code else attempt


def passed(person: Person, attempt: Attempt, evidence: Evidence, *, nonce: str, now: datetime) -> Judgement:
    """Return the row after the right answer: the gate is passed, and the consecutive failures start again at 0.

    The use of a method that is registered ends the wait of somebody who said that all are lost (rule 20).
    """
    failures = replace(failures_now(person, attempt.id, now), consecutive=0)
    after = _with(person, replace(attempt, passed=evidence, nonce=nonce), failures, now)
    if person.lost_at is not None and any(old.destination == evidence.destination for old in person.confirmed):
        after = ended(after)
    return Judgement(person=after, passed=evidence)


def with_one_used(
    person: Person, secret: Sealed, left: int, *, event: str, now: datetime, policy: Policy, origin: str = ""
) -> Person:
    """Return the row after one answer of a set was used: told to every address, and used up when none is left.

    What is used up proves nothing and counts for no gate. As after a removal, what is added next still rests (rule 21).
    """
    after = person
    if not left:
        used_up = next(method for method in person.methods if method.destination == secret.destination)
        after = replace(
            person,
            methods=tuple(replace(m, state=MethodState.USED_UP) if m is used_up else m for m in person.methods),
            guarded_until=guarded_until(person, used_up, now, policy),
        )
    notice = Notice(event=event, template="recovery_code_used", at=now, method=secret.method, origin=origin, left=left)
    return after.with_notice(notice, alone=True)


def failed(
    person: Person,
    attempt: Attempt,
    *,
    closed: bool,
    lanes: Collection[Lane] = (),
    nonce: str,
    now: datetime,
    policy: Policy,
) -> Judgement:
    """Return the row after a wrong answer.

    `closed`: the method is suspended for this client, and no code was sent before the suspension. Such a try counts for
    the attempt and not for the method; otherwise strangers could prolong the suspension (rule 10).
    """
    failures, suspends = failures_now(person, attempt.id, now), False
    if not closed:
        lane = open_reserve(failures, policy, lanes) if is_suspended(failures, policy, now) else None
        # A run of failures closes a method to strangers until its owner confirms it. It must not close that way out.
        in_a_row = 0 if attempt.id.purpose is Purpose.REGISTRATION else 1
        failures = replace(
            failures,
            count=failures.count + (1 if lane is None else 0),
            reserved=failures.reserved + (1 if lane is Lane.KNOWN else 0),
            checked=failures.checked + (1 if lane is Lane.CHECKED else 0),
            consecutive=failures.consecutive + in_a_row,
        )
        # A suspension that has ended may still be on the row, from the window before. It does not count.
        running = failures.suspended_until is not None and now < failures.suspended_until
        suspends = failures.count >= policy.failures_per_method_day and not running
        if suspends:
            failures = replace(failures, suspended_until=now + timedelta(days=1))
    after = _with(person, replace(attempt, tries=attempt.tries + 1), failures, now)
    if suspends:
        after = after.with_notice(Notice(event=nonce, template="method_suspended", at=now, method=attempt.id.method))
    return Judgement(person=after, suspends=suspends)


def _with(person: Person, attempt: Attempt, failures: Failures, now: datetime) -> Person:
    others = [other for other in person.attempts if other.id != attempt.id and now < other.leaves_at]
    if len(others) >= MAX_ATTEMPTS:
        live = {sent.id.attempt for sent in person.sent_codes if now < sent.leaves_at}
        # Remove the oldest attempt without a pass and without a live code; otherwise the oldest without a pass.
        others.remove(min(others, key=lambda other: (other.passed is not None, other.id in live)))
    key = attempt.id.failures_key
    return replace(person, attempts=(*others, attempt), failures={**person.failures, key: failures})
