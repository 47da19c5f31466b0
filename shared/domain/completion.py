"""Set a password exactly once in a directory whose writes cannot be rolled back (rule 11).

reserve  ──▶ directory write ──▶ done
   │              ├── refused (definite)  ──▶ withdrawn: the notice is removed, the proof can be used again
   │              └── no answer           ──▶ the mark stays, and the delayed notice says "may have changed"
   └── invalidates this token, every other one and every session before the directory is called

While the mark is on the row no session is issued (rule 12): the old password may be right until the directory was
written. `done` ends sessions once more. If it is lost, the mark stays until its deadline, and the next sign-in after
that ends them.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.person import CompletionState, Notice, Person

LONGEST: Final = timedelta(minutes=1)
"""A completion ends within it: two calls to the directory and one to the queue, each of at most 20 s."""


def reserved(person: Person, *, notice: Notice, version: str, session_version: str) -> Person:
    """Return the row with new versions, the mark and a provisional notice, so that every outcome is told."""
    return replace(
        person,
        version=version,
        session_version=session_version,
        completion=notice.event,
        completion_until=notice.at + LONGEST + CLOCK_MARGIN,
    ).with_notice(notice)


def done(
    person: Person, *, notice: Notice, version: str, session_version: str, stamp: str, client_key: str = ""
) -> Person:
    """Return the row after the directory set the password: no mark, a final notice, and the client is known.

    `stamp` is the directory's stamp of the new password. The final notice is sent to every address, also to those that
    were told "may have changed" too early. Provisional notices of earlier attempts of the same verification are no
    longer sent (rule 11).
    """
    has_mark = person.completion == notice.event  # not after an erasure, nor after a later completion
    after = person.with_known_client(client_key) if client_key and has_mark else person
    replaced = {notice.event} | {
        other.event
        for other in person.notices
        if other.provisional and notice.verification and other.verification == notice.verification
    }
    kept = tuple(other for other in person.notices if other.event not in replaced)
    is_owed = has_mark or person.owes(notice.event)
    after = replace(
        _without_mark(_with_state(after, version, CompletionState.DONE), notice.event),
        session_version=session_version,
        notices=(*kept, replace(notice, provisional=False)) if is_owed else person.notices,
    )
    return replace(after, password_stamp=stamp, sign_in_failures=0, lost_at=None) if has_mark else after


def doubtful(person: Person, *, version: str) -> Person:
    """Return the row after a directory that did not answer. The mark and the provisional notice stay."""
    return _with_state(person, version, CompletionState.UNKNOWN)


def withdrawn(person: Person, *, event: str, version: str, drawn: str, session_version: str) -> Person:
    """Return the row after the directory definitely refused: no mark, no notice, and the sessions are valid again.

    `session_version` is the one before the reservation, which drew `drawn`. While the mark was there no session was
    issued, so that nothing but the earlier sessions has it. What an objection ended meanwhile stays ended (rule 29).
    The account version is kept: the token that was spent cannot be used again.
    """
    return replace(
        _without_mark(_with_state(person, version, CompletionState.WITHDRAWN), event),
        session_version=(
            session_version if (person.completion, person.session_version) == (event, drawn) else person.session_version
        ),
        notices=tuple(notice for notice in person.notices if notice.event != event),
    )


def given_up(person: Person, *, session_version: str) -> Person:
    """Return the row without a mark whose deadline has passed. Its password may have been set, so sessions end."""
    if not person.completion:
        return person
    return replace(_without_mark(person, person.completion), session_version=session_version)


def seconds_under_way(person: Person, now: datetime) -> int:
    """Return for how many seconds a completion may still be under way. 0 when there is none, or its deadline passed."""
    if not person.completion or person.completion_until is None or now >= person.completion_until:
        return 0
    return int((person.completion_until - now).total_seconds()) + 1


def _without_mark(person: Person, event: str) -> Person:
    return replace(person, completion="", completion_until=None) if person.completion == event else person


def _with_state(person: Person, version: str, state: CompletionState) -> Person:
    completions = tuple(replace(c, state=state) if c.version == version else c for c in person.completions)
    return replace(person, completions=completions)
