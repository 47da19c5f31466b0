"""Set a password exactly once in a directory whose writes cannot be rolled back (rule 11).

reserve  ──▶ directory write ──▶ done
   │              ├── refused (definite)  ──▶ withdrawn: the notice is removed, the proof can be used again
   │              └── no answer           ──▶ the mark stays, and the delayed notice says "may have changed"
   └── invalidates this token and every other one before the directory is called
"""

from dataclasses import replace
from datetime import datetime

from shared.domain.person import KNOWN_CLIENTS, Notice, Person


def reserved(person: Person, *, event: str, version: str, now: datetime, origin: str = "") -> Person:
    """Return the row with a new version, the mark and a provisional notice, so that every outcome is told."""
    notice = Notice(event=event, template="password_changed", at=now, origin=origin, provisional=True)
    # Sessions end here and not in `done`: if the process stops in between, an attacker must not stay signed in.
    return replace(person, version=version, completion=event, password_epoch=now).with_notice(notice)


def done(person: Person, *, event: str, client_key: str = "") -> Person:
    """Return the row after the directory set the password: no mark, a final notice, and the client is known."""
    clients = (
        (client_key, *(known for known in person.known_clients if known != client_key))
        if client_key
        else person.known_clients
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
    """Return the row after the directory definitely refused: no mark, no notice, and the sessions are valid again.

    The version is kept, so the token that was spent cannot be used again.
    """
    return replace(
        person,
        completion="" if person.completion == event else person.completion,
        password_epoch=epoch if person.completion == event else person.password_epoch,
        notices=tuple(notice for notice in person.notices if notice.event != event),
    )
