"""Judgement: is this answer right, and what does the row look like once that has been counted (rule 3).

Pure: nothing is told here. The caller tells the outcome only after the row it got from here was written, so the number
of outcomes told never exceeds the number counted, under any parallelism.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.claims import failures_key, failures_now, is_suspended
from shared.domain.person import Claim, Failures, Person, Purpose, Standing
from shared.domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which challenge an answer is for."""

    purpose: Purpose
    verification: str
    gate: int
    method: str
    channel: str
    send: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`person` is the row to write, None when nothing is; `right` may be told only once it is written."""

    person: Person | None
    right: bool
    destination: str = ""
    suspends: bool = False


REFUSED = Judgement(person=None, right=False)


def judge(
    person: Person,
    question: Question,
    matches: Callable[[Claim], bool],
    *,
    accepts: Callable[[Claim], bool],
    nonce: str,
    now: datetime,
    policy: Policy,
) -> Judgement:
    """Judge one answer against the claims on the row.

    Args:
        person: the row as read.
        question: the challenge that the answer is for.
        matches: compares the answer with a claim's code, in constant time.
        accepts: everything else that must hold for a right answer: the account version, the contact of today.
        nonce: fresh for this request; recognises its own write (rule 4).
        now: the server's clock, UTC.
        policy: the numbers.
    """
    siblings = [
        claim
        for claim in person.claims
        if (claim.purpose, claim.verification, claim.gate, claim.method)
        == (question.purpose, question.verification, question.gate, question.method)
    ]
    claim = next((c for c in siblings if (c.channel, c.send) == (question.channel, question.send)), None)
    if claim is None:
        return REFUSED
    superseded = any(other.send > claim.send for other in siblings)  # a resend kills the old code
    spent = sum(len(other.tries) for other in siblings)  # and refills nothing
    gate_used = any(other.used for other in siblings)
    expired = now >= claim.claimed_at + policy.code_life(claim.channel)
    if superseded or gate_used or expired or spent >= policy.tries_per_code:
        return REFUSED

    right = matches(claim)
    if not (right and claim.standing is Standing.LIVE and accepts(claim)):
        return _wrong(person, claim, nonce, now, policy)
    key = failures_key(claim.purpose, claim.gate, claim.method)
    failures = replace(failures_now(person, key, now), consecutive=0)
    used = replace(claim, used=nonce)
    return Judgement(
        person=_with(person, claim, used, key, failures),
        right=True,
        destination=claim.destination,
    )


def _wrong(person: Person, claim: Claim, nonce: str, now: datetime, policy: Policy) -> Judgement:
    key = failures_key(claim.purpose, claim.gate, claim.method)
    failures = failures_now(person, key, now)
    suspends = False
    # Strangers' claims count like everybody's; a suspended method's do not, or strangers could prolong it (rule 10).
    if claim.standing is not Standing.CLOSED:
        reserved = claim.known_client and is_suspended(failures, policy, now, known_client=False)
        failures = replace(
            failures,
            count=failures.count + (0 if reserved else 1),
            reserved=failures.reserved + (1 if reserved else 0),
            consecutive=failures.consecutive + 1,
        )
        # One that has run out is as good as none: it may stand on the row still, earned in the window before.
        running = failures.suspended_until is not None and now < failures.suspended_until
        if failures.count >= policy.failures_per_method_day and not running:
            failures = replace(failures, suspended_until=now + timedelta(days=1))
            suspends = True
    counted = replace(claim, tries=(*claim.tries, nonce))
    return Judgement(person=_with(person, claim, counted, key, failures), right=False, suspends=suspends)


def _with(person: Person, old: Claim, new: Claim, key: str, failures: Failures) -> Person:
    claims = tuple(new if claim is old else claim for claim in person.claims)
    return replace(person, claims=claims, failures={**person.failures, key: failures})


def bears(person: Person, nonce: str) -> bool:
    """Whether a judgement with this nonce stands on the row: one's own winning write, seen again (rule 4)."""
    return any(
        hmac.compare_digest(claim.used, nonce) or nonce in claim.tries
        for claim in person.claims
        if claim.used or claim.tries
    )
