"""What the answer to a bind or to a write means."""

import logging
from typing import Final

from shared.adapters.directories.ldap.link import SUCCESS, Outcome
from shared.adapters.directories.ldap.policy import REASONS, Error
from shared.domain.account import PasswordState
from shared.ports.directory import AccountChanged, DirectoryLost, DirectoryUnknown, PasswordNotTaken

_LOG: Final = logging.getLogger("sesame.directory")

WRONG_CREDENTIALS, NO_SUCH_ENTRY, CONSTRAINT, UNWILLING = 49, 32, 19, 53
REFUSALS: Final = frozenset({8, 10, 11, 12, 13, 16, 18, 20, 21, 34, 50, 51, UNWILLING, 64, 65, 67, 69, 71, 118})
"""Result codes of RFC 4511 with which a server says that it has written nothing: no right, busy, a referral and so on.
Every other one leaves in doubt whether it has."""


def state_of(outcome: Outcome) -> PasswordState | None:
    """Return what a password is good for; None where it is not right, or nothing says that it is."""
    error = outcome.said.error
    if outcome.code == SUCCESS:
        if error is Error.CHANGE_AFTER_RESET:
            return PasswordState.MUST_CHANGE
        return PasswordState.EXPIRED if outcome.said.by_grace or error is Error.EXPIRED else PasswordState.FINE
    # The server compares the password before it looks at its age, so this is said of the right one alone.
    if outcome.code == WRONG_CREDENTIALS and error is Error.EXPIRED:
        return PasswordState.EXPIRED
    if outcome.code != WRONG_CREDENTIALS:
        _LOG.warning("a sign-in was refused with result code %s", outcome.code)
    return None


def judge(outcome: Outcome) -> None:
    """Return where the write was carried out. Raises what the answer says otherwise; doubt is never a success."""
    if outcome.code == SUCCESS:
        return
    error = outcome.said.error
    if error in REASONS:
        raise PasswordNotTaken([REASONS[error]])
    if outcome.code == CONSTRAINT:  # a server that does not say which rule
        raise PasswordNotTaken(["quality"])
    if outcome.code == NO_SUCH_ENTRY:
        raise AccountChanged
    _LOG.error(
        "the directory refused a write with result code %s%s",
        outcome.code,
        f", policy error {error}" * (error is not None),
    )
    if outcome.code in REFUSALS:
        raise DirectoryLost
    raise DirectoryUnknown
