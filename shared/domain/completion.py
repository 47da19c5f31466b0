"""Completion: how a password is set once, and only once, around a directory that we cannot roll back (rule 11).

reserve  ──▶ directory write ──▶ done
   │              ├── refused (definite)  ──▶ withdrawn: the notice goes, the proof stays for another try
   │              └── no answer           ──▶ the mark stays, and the delayed notice says "may have changed"
   └── spends this token and every other one, before the directory is touched
"""

from dataclasses import replace
from datetime import datetime

from shared.domain.person import KNOWN_CLIENTS, Notice, Person
from shared.domain.registration import with_notice


def reserved(person: Person, *, event: str, version: str, now: datetime, origin: str = "") -> Person:
    """The row on a new version, with the mark and a provisional notice: whatever happens next, the person will hear."""
    notice = Notice(event=event, template="password_changed", at=now, origin=origin, provisional=True)
    # Sessions end here and not at `done`: a process that dies in between must not leave a thief signed in.
    return with_notice(replace(person, version=version, completion=event, password_epoch=now), notice)


def done(person: Person, *, event: str, client: str = "") -> Person:
    """The row after the directory took the password: the mark goes, the notice is final, the client is known."""
    clients = (
        (client, *(known for known in person.known_clients if known != client)) if client else person.known_clients
    )
    return replace(
        person,
        completion="" if person.completion == event else person.completion,
        known_clients=clients[:KNOWN_CLIENTS],
        notices=tuple(
            replace(notice, provisional=False) if notice.event == event else notice for notice in person.notices
        ),
    )


def withdrawn(person: Person, *, event: str, epoch: datetime | None) -> Person:
    """The row after the directory definitely refused: nothing changed, so nothing is to be told and no session ended.

    The version stays: the token that was spent stays spent.
    """
    return replace(
        person,
        completion="" if person.completion == event else person.completion,
        password_epoch=epoch if person.completion == event else person.password_epoch,
        notices=tuple(notice for notice in person.notices if notice.event != event),
    )
