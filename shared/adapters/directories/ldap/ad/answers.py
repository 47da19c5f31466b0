"""What the codes in the messages of Active Directory mean.

The same error comes with different result codes of LDAP from different servers, so the error of Windows decides: eight
hexadecimal digits before a colon at the start of a message, and in the answer to a bind what follows `data`.
"""

import logging
import re
from datetime import timedelta
from typing import Final

from shared.adapters.directories.ldap.ad.domain import DomainPolicy
from shared.adapters.directories.ldap.answers import NO_SUCH_ENTRY, REFUSALS, WRONG_CREDENTIALS
from shared.adapters.directories.ldap.link import SUCCESS, Outcome
from shared.adapters.directories.ldap.policy import Policy
from shared.domain.account import PasswordState
from shared.ports.directory import AccountChanged, DirectoryLost, DirectoryUnknown, PasswordNotTaken, WrongPassword

_LOG: Final = logging.getLogger("sesame.directory")

AT_START: Final = re.compile(r"([0-9A-Fa-f]{8}):")
OF_BIND: Final = re.compile(r"\bdata ([0-9A-Fa-f]{1,8})\b")

PASSWORD_RESTRICTION, INVALID_PASSWORD, LOGON_FAILURE, LOCKED_OUT, NO_SUCH_OBJECT = 0x52D, 0x56, 0x52E, 0x775, 0x2030
"""MS-ERREF, 2.2."""
STATES: Final = {0x532: PasswordState.EXPIRED, 0x773: PasswordState.MUST_CHANGE}
"""ERROR_PASSWORD_EXPIRED and ERROR_PASSWORD_MUST_CHANGE: said of the right password alone. All others let nobody in and
tell nothing: no such user 525, wrong 52e, hours 530, workstation 531, disabled 533, account expired 701, locked 775."""
SILENT: Final = frozenset({0x525, 0x52E, 0x533, 0x701, 0x775})
OF_DOMAIN: Final = "domain_rules"
"""The domain does not say which rule. The words after it are the rules that this password may have broken."""
CONSTRAINT: Final = 19


def state_of(outcome: Outcome) -> PasswordState | None:
    """Return what a password is good for; None where it is not right, or the account may not sign in now."""
    if outcome.code == SUCCESS:
        return PasswordState.FINE
    said = OF_BIND.search(outcome.message)
    error = int(said[1], 16) if said else 0
    if outcome.code != WRONG_CREDENTIALS or error not in SILENT:
        _LOG.warning("a sign-in was refused with result code %s, error %x", outcome.code, error)
    return STATES.get(error) if outcome.code == WRONG_CREDENTIALS else None


def judge(outcome: Outcome, reasons: tuple[str, ...]) -> None:
    """Return where the write was carried out. Raises what the answer says otherwise; doubt is never a success."""
    if outcome.code == SUCCESS:
        return
    said = AT_START.match(outcome.message)
    error = int(said[1], 16) if said else 0
    if error == PASSWORD_RESTRICTION:
        raise PasswordNotTaken(reasons)
    if error in {INVALID_PASSWORD, LOGON_FAILURE, LOCKED_OUT}:
        raise WrongPassword
    if error == NO_SUCH_OBJECT or outcome.code == NO_SUCH_ENTRY:
        raise AccountChanged
    _LOG.error("the directory refused a write with result code %s, error %08X", outcome.code, error)
    if outcome.code in REFUSALS or outcome.code == CONSTRAINT:
        raise DirectoryLost
    raise DirectoryUnknown


def reasons_of(policy: Policy, password: str, *, remembers: bool, age: timedelta) -> tuple[str, ...]:
    """Return the words for a password that the domain refuses: a stable one, and the rules as they were read.

    `remembers`: whether history and minimum age apply to this write. `age`: of the password before.
    """
    if not isinstance(policy, DomainPolicy):
        return (OF_DOMAIN,)
    may_be_broken = {
        "length": len(password) < policy.length,
        "quality": policy.complex,
        "in_history": remembers and policy.history > 0,
        "too_young": remembers and age < policy.young,
    }
    return (OF_DOMAIN, *(word for word, may in may_be_broken.items() if may))
