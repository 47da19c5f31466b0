"""Registration: the rules for adding, confirming, removing and reconfirming the ways to prove who one is."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.errors import InvalidInput, Limited
from shared.domain.gates import satisfied_by, usable
from shared.domain.person import MethodState, Notice, PendingContact, Person, RegisteredMethod, RemovedContact, Source
from shared.domain.policy import Policy

REMEMBER_REMOVED = timedelta(days=30)
"""Removed addresses still get notices for so long (R-50)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContact:
    """A contact on its way in: sealed and digested, with where it came from."""

    name: str
    sealed: str
    destination: str
    source: Source


def begun(
    person: Person,
    contact: NewContact,
    channel: str,
    *,
    registration: str,
    code_key: int,
    now: datetime,
    policy: Policy,
) -> Person:
    """The row with a pending contact, and its next send due.

    The same contact again is a resend: it waits its turn, and refills no tries. Another contact replaces the pending
    one and starts over. Raises Limited while the wait runs.
    """
    earlier = person.pending_for(contact.name)
    send = 1
    if earlier and earlier.destination == contact.destination and now < earlier.expires_at:
        free_at = earlier.sent_at + policy.wait_after(earlier.send)
        if now < free_at:
            raise Limited(int((free_at - now).total_seconds()) + 1)
        if earlier.send >= policy.sends_per_gate:
            raise Limited(int((earlier.expires_at - now).total_seconds()) + 1)
        registration, code_key, send = earlier.registration, earlier.code_key, earlier.send + 1
    pending = PendingContact(
        name=contact.name,
        channel=channel,
        sealed=contact.sealed,
        destination=contact.destination,
        source=contact.source,
        registration=registration,
        code_key=code_key,
        send=send,
        sent_at=now,
        expires_at=earlier.expires_at if earlier and send > 1 else now + timedelta(seconds=policy.verification_seconds),
    )
    others = tuple(other for other in person.pending if other.name != contact.name)
    return replace(person, pending=(*others, pending))


def confirmed(
    person: Person,
    pending: PendingContact,
    *,
    event: str,
    version: str,
    now: datetime,
    policy: Policy,
    origin: str = "",
) -> Person:
    """The row once the code for `pending` came back.

    A new method rests only where the older ones already satisfy the gates (those that still reach the person: who lost
    a mailbox must not wait a day for its successor); else it counts at once. A changed one bumps
    the account version and keeps the old address in mind; the first and the unchanged ones do not (rule 12).
    """
    old = person.method(pending.name)
    unchanged = old is not None and old.destination == pending.destination
    was_confirmed = old is not None and old.state is MethodState.CONFIRMED
    others = tuple(method for method in person.methods if method.name != pending.name)
    older = usable(replace(person, methods=others), policy, now)
    rests = (
        satisfied_by((method for method in older if method.suspect_at is None), policy.gates)
        and policy.new_method_rest_hours > 0
    )
    usable_from = now + timedelta(hours=policy.new_method_rest_hours) if rests else None
    if unchanged and was_confirmed and old is not None:
        usable_from = old.usable_from
    method = RegisteredMethod(
        name=pending.name,
        sealed=pending.sealed,
        destination=pending.destination,
        state=MethodState.CONFIRMED,
        source=old.source if old is not None and unchanged else pending.source,
        set_at=old.set_at if old is not None and unchanged else now,
        confirmed_at=now,
        usable_from=usable_from,
    )
    changed = was_confirmed and not unchanged
    after = replace(
        person,
        methods=(*others, method),
        pending=tuple(other for other in person.pending if other.name != pending.name),
        # A signed-in confirmation reopens a method that strangers' wrong answers had closed (rule 10).
        failures={key: value for key, value in person.failures.items() if not key.endswith(f":{pending.name}")},
    )
    if changed and old is not None:
        after = replace(after, version=version, removed=remembered(person, old, now))
    if unchanged and was_confirmed:
        return after
    template = "method_changed" if changed else "method_added"
    return with_notice(after, Notice(event=event, template=template, at=now, method=pending.name, origin=origin))


def removed(person: Person, name: str, *, event: str, version: str, now: datetime, origin: str = "") -> Person:
    """The row without that method; raises InvalidInput when there is none."""
    method, pending = person.method(name), person.pending_for(name)
    if method is None and pending is None:
        raise InvalidInput("method", "not_registered")
    after = replace(
        person,
        methods=tuple(other for other in person.methods if other.name != name),
        pending=tuple(other for other in person.pending if other.name != name),
    )
    if method is None or method.state is not MethodState.CONFIRMED:
        return after
    after = replace(after, version=version, removed=remembered(person, method, now))
    return with_notice(after, Notice(event=event, template="method_removed", at=now, method=name, origin=origin))


def reconfirmed(person: Person, now: datetime) -> Person:
    """The row after "everything shown is still right": what was confirmed counts as confirmed now."""
    methods = tuple(
        replace(method, confirmed_at=now, suspect_at=None, suspect_reason="")
        if method.state is MethodState.CONFIRMED
        else method
        for method in person.methods
    )
    return replace(person, methods=methods)


def prefilled(person: Person, contact: NewContact, now: datetime) -> tuple[Person, str]:
    """The row with an administrator's datum, and the verdict: `prefilled`, `unchanged` or `confirmed_by_person`.

    What the person confirmed is never replaced from outside: that would hand the account to whoever holds the
    administrator's seat or file (R-65).
    """
    old = person.method(contact.name)
    if old is not None and old.state is MethodState.CONFIRMED:
        return person, "unchanged" if old.destination == contact.destination else "confirmed_by_person"
    if old is not None and old.destination == contact.destination:
        return person, "unchanged"
    method = RegisteredMethod(
        name=contact.name,
        sealed=contact.sealed,
        destination=contact.destination,
        state=MethodState.PREFILLED,
        source=Source.ADMINISTRATOR,
        set_at=now,
    )
    others = tuple(other for other in person.methods if other.name != contact.name)
    return replace(person, methods=(*others, method)), "prefilled"


def remembered(person: Person, method: RegisteredMethod, now: datetime) -> tuple[RemovedContact, ...]:
    """The removed contacts still to be told, with `method` among them."""
    kept = tuple(c for c in forgotten(person, now).removed if c.destination != method.destination)
    gone = RemovedContact(name=method.name, sealed=method.sealed, destination=method.destination, removed_at=now)
    return (*kept, gone)


def forget_at(person: Person) -> datetime | None:
    """When the next removed contact is to be forgotten; None when none is remembered."""
    return min((contact.removed_at + REMEMBER_REMOVED for contact in person.removed), default=None)


def forgotten(person: Person, now: datetime) -> Person:
    """The row without the removed contacts whose time is over."""
    return replace(person, removed=tuple(c for c in person.removed if now < c.removed_at + REMEMBER_REMOVED))


def with_notice(person: Person, notice: Notice) -> Person:
    return replace(person, notices=(*person.notices, notice))
