"""Remember removed contacts for notices, forget them after 30 days, and erase a whole row."""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.person import MAX_REMOVED, MethodState, Notice, Person, RegisteredMethod, RemovedContact

REMEMBER_REMOVED = timedelta(days=30)
"""How long removed addresses still get notices (R-50)."""

REMEMBER_SECRET = timedelta(hours=72)
"""How long an objection can bring a removed secret back (rule 29)."""


def remembered(person: Person, method: RegisteredMethod, now: datetime) -> tuple[RemovedContact, ...]:
    """Return what was removed and is still kept, with `method`. `within_places` limits it."""
    kept = tuple(c for c in forgotten(person, now).removed if c.destination != method.destination)
    since = method.since if method.state is MethodState.CONFIRMED and not method.is_compromised else None
    return (*kept, RemovedContact(sealed=method.sealed, removed_at=now, since=since, label=method.label))


def leaves_at(contact: RemovedContact) -> datetime:
    """Return when it must be deleted."""
    return contact.removed_at + (REMEMBER_SECRET if contact.sealed.credential else REMEMBER_REMOVED)


def forget_day(leaves: datetime) -> str:
    """Return the first day (`YYYYMMDD`, UTC) on which what leaves at that time must be deleted."""
    return f"{leaves + timedelta(days=1):%Y%m%d}"


def forgotten(person: Person, now: datetime) -> Person:
    """Return the row without the removed contacts that are older than 30 days, and the secrets older than three days.

    Nor does it have notices of that age. They have lost their order in the queue, or they would have been given up.
    """
    return replace(
        person,
        removed=tuple(contact for contact in person.removed if now < leaves_at(contact)),
        notices=tuple(notice for notice in person.notices if now < notice.at + REMEMBER_REMOVED),
    )


def erased(person: Person, *, event: str, version: str, session_version: str, now: datetime) -> Person:
    """Return the empty row, with new versions that end every earlier token and session.

    The person is told at every address that gets notices. Until then these contacts stay on the row, and so do notices
    that are still owed: an erasure must not silence them. `after_delivery` removes the contacts.
    """
    confirmed = tuple(RemovedContact(sealed=m.sealed, removed_at=now) for m in person.confirmed)
    kept = (*forgotten(person, now).removed, *confirmed)
    contacts = tuple(contact for contact in kept if not contact.sealed.credential)[-MAX_REMOVED:]
    empty = Person(
        account=person.account,
        version=version,
        session_version=session_version,
        had_method=person.ever_had_method,  # or one administrator could erase and then activate (rule 27)
    )
    if not contacts:
        return empty
    notice = Notice(event=event, template="erased", at=now)
    return replace(
        empty, language=person.message_language, removed=contacts, notices=(*person.notices, notice), erased_at=now
    )


def is_erased(person: Person) -> bool:
    """Whether the row has nothing but what an erasure leaves."""
    left = Person(
        account=person.account,
        version=person.version,
        session_version=person.session_version,
        had_method=person.had_method,
        language=person.language if person.erased_at else "",
        removed=person.removed if person.erased_at else (),
        notices=person.notices if person.erased_at else (),
        erased_at=person.erased_at,
        ring=person.ring,
    )
    return person == left
