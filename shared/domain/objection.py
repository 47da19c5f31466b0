"""Decide who may stop a change by a code from its notice, and compute the row afterwards (rule 29).

An address may stop a change if it could prove something before the change was made. A removed address may stop only its
own removal, and not one that all gates of the policy had proved without it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.forgetting import remembered
from shared.domain.person import (
    SHORT,
    Change,
    MethodState,
    Notice,
    Person,
    RegisteredMethod,
    RemovedContact,
    Source,
)

GOOD_FOR: Final = timedelta(hours=72)

LENGTH: Final = 10
"""Characters of a code, of five bits each."""

_DIGEST_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"
CODE_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's Base32: no I, L, O and U."""


def code_of(digest: str, length: int = LENGTH) -> str:
    """Return the code that is made of the keyed digest of an account, an event and an address."""
    return digest[:length].translate(str.maketrans(_DIGEST_LETTERS, CODE_LETTERS))


def change_of(person: Person, event: str) -> Change | None:
    """Return the change that the notice of this event tells. None for a notice of something else."""
    return next((change for change in person.changes if change.event == event), None)


def may_object(person: Person, change: Change, destination: str) -> bool:
    """Whether a code that came to this address can stop the change."""
    if destination[:SHORT] == change.new:
        return False
    method = next((method for method in person.confirmed if method.destination == destination), None)
    if method is not None:
        # Not one that the same change, or a later one, has added. It could freeze the account of its owner.
        return method.since <= change.at + CLOCK_MARGIN and not method.is_compromised
    gone = _removed(person, change)
    stood = gone is not None and gone.destination == destination and gone.stood_for >= timedelta()
    return stood and not change.fully_proved


def may_still_object(person: Person, added: str, destination: str, now: datetime) -> bool:
    """Whether a code at this address can still stop the addition of what is at `added`."""
    return any(
        change.new == added[:SHORT] and now < change.at + GOOD_FOR and may_object(person, change, destination)
        for change in person.changes
    )


def added_lately(person: Person, now: datetime) -> tuple[RegisteredMethod, ...]:
    """Return the methods whose addition a code can still stop, if there is an address that has it."""
    new = {change.new for change in person.changes if now < change.at + GOOD_FOR}
    return tuple(method for method in person.confirmed if method.destination[:SHORT] in new)


def still_open(person: Person, now: datetime) -> Iterator[tuple[Change, str]]:
    """Yield each change that can still be stopped, with each address that may do it."""
    addresses = {method.destination for method in person.confirmed if not method.credential}
    addresses |= {contact.destination for contact in person.removed if not contact.sealed.credential}
    for change in person.changes:
        if now < change.at + GOOD_FOR:
            yield from ((change, address) for address in sorted(addresses) if may_object(person, change, address))


def stopped(
    person: Person,
    change: Change,
    *,
    event: str,
    version: str,
    session_version: str,
    now: datetime,
    most: Callable[[str], int],
    origin: str = "",
) -> Person:
    """Return the row after an objection: the change is undone, and self-service frozen until an administrator looks.

    What rests on the change is undone with it, the newest first: a thief who changed the address twice must not bring
    one of them back. Both versions move, so that every session and every verification ends (rule 12). `most`: how many
    credentials of a method one person may have.
    """
    fallen, undone = _with_what_rests_on(person, change), person
    for one in reversed(fallen):
        undone = _undone(undone, one, now, most(one.method))
    after = replace(
        undone,
        version=version,
        session_version=session_version,
        pending=(),
        lost_at=None,
        activation_request=None,
        activation=None,
        changes=tuple(other for other in person.changes if other not in fallen),
        frozen_at=person.frozen_at or now,
    )
    if person.frozen_at is not None:
        return after
    return after.with_notice(Notice(event=event, template="frozen", at=now, origin=origin), alone=True)


def _with_what_rests_on(person: Person, change: Change) -> list[Change]:
    """Return the change, and the later ones that fall with it, oldest first.

    They removed or replaced what it added, or came into the place of what is brought back.
    """
    gone, fallen, added = _removed(person, change), [change], {change.new}
    only_one = gone is not None and not gone.sealed.credential
    for later in person.changes[person.changes.index(change) + 1 :]:
        if later.method == change.method and (only_one or later.gone in added - {""}):
            fallen.append(later)
            added.add(later.new)
    return fallen


def _undone(person: Person, change: Change, now: datetime, most: int) -> Person:
    gone = _removed(person, change)
    of_method = [method for method in person.methods if method.name == change.method]
    # There is one contact of each method, and what came into its place goes, whatever it is by now.
    leaving = [m for m in of_method if m.destination[:SHORT] == change.new or (gone is not None and not m.credential)]
    staying = sorted((m for m in of_method if m not in leaving), key=lambda method: method.set_at)
    if gone is not None and len(staying) >= most:
        leaving += staying[max(0, most - 1) :]
    after = person
    for method in leaving:
        after = replace(
            after,
            methods=tuple(other for other in after.methods if other is not method),
            removed=remembered(after, method, now),
        )
    if gone is None:
        return after
    removed = tuple(other for other in after.removed if other.destination != gone.destination)
    return replace(after, methods=(*after.methods, _restored(gone)), removed=removed)


def _removed(person: Person, change: Change) -> RemovedContact | None:
    """Return what the change removed. None if nothing, or if it is no longer kept, is there again or is compromised."""
    there = {method.destination for method in person.methods}
    return next(
        (
            contact
            for contact in person.removed
            if change.gone
            and contact.destination[:SHORT] == change.gone
            and contact.destination not in there
            and contact.since is not None
        ),
        None,
    )


def _restored(gone: RemovedContact) -> RegisteredMethod:
    since = gone.since or gone.removed_at
    return RegisteredMethod(
        sealed=gone.sealed,
        state=MethodState.CONFIRMED,
        source=Source.SELF,
        set_at=since,
        label=gone.label,
        confirmed_at=since,
        usable_from=since,
    )
