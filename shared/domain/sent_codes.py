"""Derive codes, decide whether one may be sent, and write its claim on the row (rules 1, 2, 6 and 10).

A code is never stored. It is an HMAC over everything that it is for, reduced to decimal digits. The reduction uses 16
of the 32 bytes, so the bias towards any digit is below 2^-80 for 12 digits (R-10). A code for another account,
verification, gate, method, channel, destination or send number is derived from another value and is wrong (R-13).
"""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.person import (
    MAX_SENT_CODES,
    AttemptId,
    CodeId,
    Failures,
    Lane,
    Person,
    Purpose,
    Sealed,
    SentCode,
)
from shared.domain.policy import Policy
from shared.domain.trail import CodeOrder

FOR_THE_OWNER = 4
"""Of the places for claims, those for known clients and for people who have signed in. One reset needs two codes, and
each may be sent again (rule 1)."""


def derive_code(key: bytes, account: str, sent: SentCode, *, digits: int) -> str:
    """Return the code with its leading zeros. It is derived when it is sent and each time an answer is judged."""
    of = sent.id.attempt
    parts = (
        of.purpose, str(sent.code_key), account, of.verification, str(of.gate),
        of.method, sent.id.channel, sent.destination, str(sent.id.send),
    )  # fmt: skip
    # Length prefixes keep ("ab", "c") and ("a", "bc") apart.
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    number = int.from_bytes(hmac.digest(key, message, hashlib.sha256)[:16], "big")
    return str(number % 10**digits).zfill(digits)


def codes_match(key: bytes, typed: str, expected: str) -> bool:
    """Compare in constant time, over MACs of fixed length (R-15)."""
    return hmac.compare_digest(
        hmac.digest(key, typed.encode(), hashlib.sha256), hmac.digest(key, expected.encode(), hashlib.sha256)
    )


def failures_now(person: Person, of: AttemptId, now: datetime) -> Failures:
    """Return the failures of the current 24 hours. The consecutive count continues from one window to the next."""
    failures = person.failures.get(of.failures_key)
    if failures is None:
        return Failures(since=now)
    if now >= failures.since + timedelta(days=1):
        # A suspension lasts 24 hours from its start, so it may end after the window in which it started.
        until = failures.suspended_until
        running = until if until and now < until else None
        return Failures(since=now, consecutive=failures.consecutive, suspended_until=running)
    return failures


def lanes_of(person: Person, client_key: str, *, checked: bool) -> tuple[Lane, ...]:
    """Return the lanes of a client at this account (rule 10)."""
    known = (Lane.KNOWN,) if client_key in person.known_clients else ()
    return (*known, Lane.CHECKED) if checked else known


def is_suspended(failures: Failures, policy: Policy, now: datetime, *, lanes: Collection[Lane] = ()) -> bool:
    """Whether the method is closed to a client with these lanes. Each lane still has a day's reserve of tries."""
    if failures.consecutive >= policy.failures_consecutive:
        return True
    if failures.suspended_until is None or now >= failures.suspended_until:
        return False
    return open_reserve(failures, policy, lanes) is None


def open_reserve(failures: Failures, policy: Policy, lanes: Collection[Lane]) -> Lane | None:
    """Return the first of these lanes whose reserve of tries is not used up."""
    used = {Lane.KNOWN: failures.reserved, Lane.CHECKED: failures.checked}
    return next((lane for lane in lanes if used[lane] < policy.failures_reserved_day), None)


def with_believable_times(order: CodeOrder, policy: Policy, now: datetime) -> CodeOrder:
    """Return the order with no time that is later than it can be. A claim stays on the row until such a time (rule 32).

    The times are of the machine that queued the order.
    """
    latest = now + timedelta(seconds=policy.verification_seconds) + CLOCK_MARGIN
    return replace(order, expires_at=min(order.expires_at, latest), leaves_at=min(order.leaves_at, latest))


def target_of(person: Person, order: CodeOrder, policy: Policy, now: datetime) -> Sealed | None:
    """Return where this code would be sent. None when there is no usable method, as for a stranger."""
    method = order.code.attempt.method
    if order.code.attempt.purpose is Purpose.REGISTRATION:
        pending = person.pending_for(method)
        fits = pending is not None and pending.code == order.code and now < pending.expires_at
        return pending.sealed if pending is not None and fits else None
    is_reset = order.code.attempt.purpose is Purpose.RESET
    usable = person.opening_gates(policy.methods, now) if is_reset else person.usable(policy.methods, now)
    return next((m.sealed for m in usable if m.name == method), None)


def code_order(
    account: str,
    code: CodeId,
    code_key: int,
    ends_at: datetime,
    now: datetime,
    policy: Policy,
    *,
    language: str,
    client_key: str = "",
    contact_matches: bool = True,
    checked: bool = False,
) -> CodeOrder:
    """Return the order to send this code. `ends_at` is the absolute expiry of what the code is for.

    Times are in whole seconds, so that all orders have one size.
    """
    return CodeOrder(
        account=account,
        code=code,
        code_key=code_key,
        expires_at=min(now + policy.code_life(code.channel), ends_at).replace(microsecond=0),
        leaves_at=ends_at.replace(microsecond=0),
        client_key=client_key,
        contact_matches=contact_matches,
        language=language,
        checked=checked,
    )


def find_sent(person: Person, code: CodeId) -> SentCode | None:
    """Return the claim of this code. None if no delivery has written it."""
    return next((sent for sent in person.sent_codes if sent.id == code), None)


def live_code(person: Person, code: CodeId, policy: Policy, now: datetime) -> SentCode | None:
    """Return the claim if the code can still be right: within its life, and the newest of its attempt.

    A resend makes the older code invalid (R-18).
    """
    sent = find_sent(person, code)
    if sent is None or now >= sent.claimed_at + policy.code_life(code.channel):
        return None
    newer = any(other.id.attempt == code.attempt and other.id.send > code.send for other in person.sent_codes)
    return None if newer else sent


def is_spent(person: Person, code: CodeId) -> bool:
    """Whether the code must not be sent again: it was claimed, and the provider may have taken it (rule 2)."""
    sent = find_sent(person, code)
    return sent is not None and not sent.refused


def sealed_contact_of(person: Person, sent: SentCode) -> Sealed | None:
    """Return the contact to which this code was sent. None if it has been removed or replaced since."""
    contacts = [method.sealed for method in person.methods] + [pending.sealed for pending in person.pending]
    there = (sealed for sealed in contacts if sealed.destination == sent.destination)
    return next((sealed for sealed in there if sealed.method == sent.id.attempt.method), None)


def can_be_spoken(person: Person, code: CodeId, policy: Policy, now: datetime) -> bool:
    """Whether a call may speak this code now: its claim is live, and no call has begun to speak it (rule 2)."""
    sent = live_code(person, code, policy, now)
    return sent is not None and not sent.refused and not sent.spoken and sealed_contact_of(person, sent) is not None


def with_spoken(person: Person, code: CodeId, *, nonce: str) -> Person:
    """Return the row with the note that this code is being spoken, which nobody takes back."""
    sent_codes = tuple(
        replace(sent, spoken=True, nonce=nonce) if sent.id == code else sent for sent in person.sent_codes
    )
    return replace(person, sent_codes=sent_codes)


def refused_for_now(person: Person, code: CodeId) -> Person:
    """Return the row after the provider definitely refused the code. Its claim may be used again within its life."""
    sent_codes = tuple(replace(sent, refused=True) if sent.id == code else sent for sent in person.sent_codes)
    return replace(person, sent_codes=sent_codes)


def with_sent_code(person: Person, order: CodeOrder, target: Sealed, now: datetime, *, nonce: str) -> Person | None:
    """Return the row with the claim of the ordered code. None when the row has no place, or the destination differs.

    A refused claim is used again, and its life still counts from the first claim.
    """
    earlier = find_sent(person, order.code)
    person = _without_old(person, now)
    kept = tuple(sent for sent in person.sent_codes if sent.id != order.code)
    if earlier is not None:
        again = replace(earlier, refused=False, nonce=nonce)
        return replace(person, sent_codes=(*kept, again)) if earlier.destination == target.destination else None
    of_owner = order.client_key in person.known_clients or order.code.attempt.purpose is Purpose.REGISTRATION
    if len(kept) >= MAX_SENT_CODES - (0 if of_owner else FOR_THE_OWNER):
        return None
    return replace(person, sent_codes=(*kept, _claim(order, target.destination, now, nonce)))


def with_decoy(person: Person, order: CodeOrder, now: datetime, *, nonce: str) -> Person:
    """Return the row after a delivery that sends nothing, as long as it would be after one that does (rule 1).

    Without it, the row of somebody to whom codes are sent would grow and take longer to read, and a stranger could tell
    by the time of later answers that the name is registered (rule 9). Decoys take no place of claims: together they
    are as many as claims alone, and the decoys go first (`Person.within_places`).
    """
    person = _without_old(person, now)
    kept = tuple(decoy for decoy in person.decoys if decoy.id != order.code)
    return replace(person, decoys=(*kept, _claim(order, person.account, now, nonce)))


def _without_old(person: Person, now: datetime) -> Person:
    """Return the row without the claims and decoys whose token has certainly expired. Nothing else removes a claim."""
    return replace(
        person,
        sent_codes=tuple(sent for sent in person.sent_codes if now < sent.leaves_at),
        decoys=tuple(decoy for decoy in person.decoys if now < decoy.leaves_at),
    )


def _claim(order: CodeOrder, destination: str, now: datetime, nonce: str) -> SentCode:
    return SentCode(
        id=order.code,
        code_key=order.code_key,
        destination=destination,
        claimed_at=now,
        leaves_at=order.leaves_at + CLOCK_MARGIN,
        nonce=nonce,
    )
