"""Claims: who may be sent a code, and what stands on the row for it (rules 1, 2 and 10)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.gates import usable
from shared.domain.person import MAX_CLAIMS, Claim, Failures, Person, Purpose, Standing
from shared.domain.policy import Policy

CLOCK_SKEW = timedelta(minutes=1)
"""Instances may disagree by this much before a claim leaves while its token still lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOrder:
    """One code to be sent, as the queue carries it: ids only."""

    purpose: Purpose
    account: str
    verification: str
    gate: int
    method: str
    channel: str
    send: int
    code_key: int
    expires_at: datetime
    """After it nothing is sent any more, however late the queue delivers."""
    leaves_at: datetime
    """The token's absolute expiry."""
    client: str
    """Keyed digest of the client's prefix, for the reserve of rule 10."""
    contact_matches: bool
    """False when the contact that came with the challenge was not the stored one: dropped silently."""
    language: str


def failures_key(purpose: Purpose, gate: int, method: str) -> str:
    """Gate 2 and registration count apart from gate 1, so that a stranger at gate 1 reaches neither (rule 10)."""
    return f"{purpose}:{gate}:{method}"


def failures_now(person: Person, key: str, now: datetime) -> Failures:
    """The failures of the running 24 hours; the consecutive count outlives them."""
    failures = person.failures.get(key)
    if failures is None:
        return Failures(since=now)
    if now >= failures.since + timedelta(days=1):
        # A suspension is reckoned from when it began, so it may outlive the window in which it was earned.
        until = failures.suspended_until
        running = until if until and now < until else None
        return Failures(since=now, consecutive=failures.consecutive, suspended_until=running)
    return failures


def is_suspended(failures: Failures, policy: Policy, now: datetime, *, known_client: bool) -> bool:
    """Whether new claims are closed to this client; a known client still has the day's reserve."""
    if failures.consecutive >= policy.failures_consecutive:
        return True
    if failures.suspended_until is None or now >= failures.suspended_until:
        return False
    return not (known_client and failures.reserved < policy.failures_reserved_day)


def destination_of(person: Person, order: CodeOrder, policy: Policy, now: datetime) -> str:
    """The digest of where this code would go; empty when there is no such place (a stranger, a resting method)."""
    if order.purpose is Purpose.REGISTRATION:
        pending = person.pending_for(order.method)
        fits = pending and pending.registration == order.verification and pending.send == order.send
        return pending.destination if pending and fits and now < pending.expires_at else ""
    return next((m.destination for m in usable(person, policy, now) if m.name == order.method), "")


def find(person: Person, order: CodeOrder) -> Claim | None:
    """The claim of this very order, if a delivery has written it: then the code has had its one chance."""
    return next(
        (
            claim
            for claim in person.claims
            if (claim.purpose, claim.verification, claim.gate, claim.method, claim.channel, claim.send)
            == (order.purpose, order.verification, order.gate, order.method, order.channel, order.send)
        ),
        None,
    )


def with_claim(person: Person, order: CodeOrder, policy: Policy, now: datetime, *, nonce: str) -> Person | None:
    """The row with a claim for `order`; None when the order had one already, or the row is full.

    Claims leave only here, and only after their token's absolute expiry plus skew.
    """
    if find(person, order) is not None:
        return None
    kept = tuple(claim for claim in person.claims if now < claim.leaves_at)
    if len(kept) >= MAX_CLAIMS:
        return None
    destination = destination_of(person, order, policy, now)
    known_client = order.client in person.known_clients
    failures = failures_now(person, failures_key(order.purpose, order.gate, order.method), now)
    if is_suspended(failures, policy, now, known_client=known_client):
        standing = Standing.CLOSED
    else:
        standing = Standing.LIVE if destination and order.contact_matches else Standing.VOID
    claim = Claim(
        purpose=order.purpose,
        verification=order.verification,
        gate=order.gate,
        method=order.method,
        channel=order.channel,
        send=order.send,
        code_key=order.code_key,
        destination=destination,
        standing=standing,
        known_client=known_client,
        claimed_at=now,
        leaves_at=order.leaves_at + CLOCK_SKEW,
        nonce=nonce,
    )
    return replace(person, claims=(*kept, claim))
