"""Decide when a notice is sent, and what stays on the row afterwards (rule 23).

A notice is owed to each address until a provider accepts it or refuses this address for good. It is tried again with
growing waits for a day. The queue's own delays decide where they can, because the clocks of two machines differ.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.person import SHORT, Notice, Person
from shared.domain.trail import NoticeOrder, reference_from

STILL_UNDER_WAY: Final = timedelta(seconds=20)
"""How long a completion or the write of a change may take. A person must be told within a minute (R-50)."""

WAITS: Final = (
    timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1),
    timedelta(hours=3),
)  # fmt: skip
"""The wait after each delivery that left an address untold. The last one repeats."""

GIVEN_UP_AFTER: Final = timedelta(days=1)

MOST_RETURNS: Final = 13
"""How often an order is put back that fails each time. With the waits above, this takes a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one delivery did for one notice: the destinations that need no further send."""

    notice: Notice
    destinations: Collection[str]


def wait_before(notice: Notice, order: NoticeOrder, now: datetime) -> timedelta:
    """Return how long this order must wait before it may send the notice. Zero or less: send it now.

    A notice is left to its own order until that one is certainly late. Otherwise two orders for one person, at the same
    time, would both send it. The sweep's order, without an event, is the order of what has no other.
    """
    if order.event not in {"", notice.event}:
        return (notice.next_at or notice.at) + STILL_UNDER_WAY + CLOCK_MARGIN - now
    if notice.next_at is not None:
        return notice.next_at - now
    if not notice.provisional:
        return timedelta()
    if order.event:
        # The order was promised after the notice was written. Once the queue has returned it, enough time has passed.
        return timedelta() if order.returned else STILL_UNDER_WAY
    return notice.at + STILL_UNDER_WAY + CLOCK_MARGIN - now


def wait_after(attempts: int) -> timedelta:
    """Return the wait after this many deliveries."""
    return WAITS[min(attempts, len(WAITS)) - 1]


def wait_of(person: Person, order: NoticeOrder, now: datetime, *, is_missing: bool) -> timedelta | None:
    """Return after which time the order must come again. None when nothing is left to do for it.

    `is_missing`: the notice that the order was promised for was not on the row. The order is promised before the row is
    written, and that write may be slow. A notice that was withdrawn looks the same.
    """
    waits = [wait_before(notice, order, now) for notice in person.notices]
    if is_missing and not order.returned:
        waits.append(STILL_UNDER_WAY)
    return min(max(min(waits), timedelta(seconds=1)), WAITS[-1]) if waits else None


def is_told(notice: Notice, destination: str) -> bool:
    return destination[:SHORT] in {sent[:SHORT] for sent in notice.sent}


def after_delivery(
    person: Person, told: Mapping[str, Told], addresses: Collection[str], now: datetime
) -> tuple[Person, tuple[Notice, ...]]:
    """Return the row after a delivery, and the notices that are given up. `told` is by event."""
    kept, given_up = [], []
    for notice in person.notices:
        done = told.get(notice.event)
        # If the outcome became known in the meantime, the final notice is still to be sent to every address.
        if done is None or done.notice.provisional != notice.provisional:
            kept.append(notice)
            continue
        sent = {earlier[:SHORT] for earlier in notice.sent} | {destination[:SHORT] for destination in done.destinations}
        if sent >= {address[:SHORT] for address in addresses}:
            continue
        if now >= notice.at + GIVEN_UP_AFTER + CLOCK_MARGIN:
            given_up.append(notice)
            continue
        attempts = notice.attempts + 1
        kept.append(replace(notice, sent=tuple(sorted(sent)), attempts=attempts, next_at=now + wait_after(attempts)))
    return _without_contacts_of_erased(replace(person, notices=tuple(kept))), tuple(given_up)


def reference_of(notice: Notice) -> str:
    """Return what a person can tell the helpdesk. The audit events of its delivery have it, and with them the account.

    A digest, because the event itself is the mark of a write (rule 4).
    """
    return reference_from(hashlib.sha256(f"reference.{notice.event}".encode()).hexdigest())


def _without_contacts_of_erased(person: Person) -> Person:
    """Return the row without the contacts that an erasure kept for its notices, once all of these are told."""
    erased_at = person.erased_at
    if erased_at is None or any(notice.at <= erased_at for notice in person.notices):
        return person
    later = tuple(contact for contact in person.removed if contact.removed_at > erased_at)
    language = person.language if person.object_id else ""
    return replace(person, removed=later, erased_at=None, language=language)
