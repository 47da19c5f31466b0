"""Decide whether a sign-in may be tried, and compute the row after it (rules 12 and 18).

Failures in a row are counted on the row of the account, so all names, clients and instances count together. A name that
belongs to no account has a row too, and is counted and closed in the same way.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.domain.completion import given_up
from shared.domain.person import Notice, Person
from shared.domain.policy import Policy

TOLD_AGAIN_AFTER: Final = timedelta(days=1)
"""Strangers can cause the notice, so the person gets one a day at most (rule 23)."""


def may_try(person: Person, client_key: str, policy: Policy, *, checked: bool = False) -> bool:
    """Whether a sign-in by this client can succeed now.

    After too many failures in a row only a known client can, and one that solved the bot check (`checked`). Whoever is
    not admitted gets the answer of a wrong password, also for the right one (rule 9).
    """
    is_closed = person.sign_in_failures >= policy.session_failures_consecutive
    return not is_closed or checked or client_key in person.known_clients


def failed(person: Person, *, event: str, now: datetime, origin: str, policy: Policy) -> Person:
    """Return the row after one more failure. The one that closes sign-in adds a notice, at most once a day."""
    after = replace(person, sign_in_failures=person.sign_in_failures + 1)
    told = person.sign_in_closed_at is not None and now < person.sign_in_closed_at + TOLD_AGAIN_AFTER
    if after.sign_in_failures < policy.session_failures_consecutive or told:
        return after
    notice = Notice(event=event, template="sign_in_closed", at=now, origin=origin)
    return replace(after, sign_in_closed_at=now).with_notice(notice)


def signed_in(person: Person, *, client_key: str, stamp: str, version: str, session_version: str) -> Person:
    """Return the row after a success: no failures, the client is known, and the directory's stamp was seen.

    Call it only when no completion is under way.
    """
    after = given_up(person, session_version=session_version)
    after = after.with_password_seen(stamp, version=version, session_version=session_version)
    return replace(after, sign_in_failures=0).with_known_client(client_key)
