"""Define what a person's row is after a restore: what it holds stays, and everything under way has ended.

A row of the past would bring back sessions that a new password ended, codes that were used, and waits that the owner
stopped. So both versions move, as they do with a new password (rule 12), and nothing that was begun goes on (rule 5).
The new versions derive from the old ones and the id of the import: an import that is repeated writes the same row.
"""

import base64
import hashlib
from dataclasses import replace

from shared.domain.person import FIRST_VERSION, Person


def restored(person: Person, import_id: str) -> Person:
    """Return the row to insert.

    Counters of wrong answers, suspensions, freezes, notices and the clients of the last successes stay. A report of
    lost methods does not: its owner may have stopped it since, and the wait would be over at once (rule 20). Nor does
    an activation code, which may have been spent or revoked since (rule 27).
    """
    return replace(
        person,
        version=_moved(import_id, "version", person.account, person.version),
        session_version=_moved(import_id, "session", person.account, person.session_version),
        pending=(),
        attempts=(),
        sent_codes=(),
        decoys=(),
        completions=(),
        completion="",
        completion_until=None,
        lost_at=None,
        activation_request=None,
        activation=None,
    ).within_places()


def _moved(*parts: str) -> str:
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[: len(FIRST_VERSION)]
