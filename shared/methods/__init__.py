"""Register the methods, one per file. docs/adding-a-method.md explains how to add one."""

from collections.abc import Collection

from shared.domain.calls import VOICE
from shared.domain.person import Evidence, EvidenceClass
from shared.methods.authenticator_app import AuthenticatorApp
from shared.methods.email_code import Email
from shared.methods.family import (
    Context,
    Enrolment,
    HashedSecretMethod,
    KeptSecretMethod,
    KnownSecretMethod,
    Method,
    Prompt,
    RelyingParty,
    SentCodeMethod,
    Texts,
    Verdict,
)
from shared.methods.mobile_phone import MobilePhone
from shared.methods.office_phone import OfficePhone
from shared.methods.passkey import Passkey
from shared.methods.recovery_code import RecoveryCode
from shared.methods.security_questions import SecurityQuestions
from shared.validation.columns import OWN_NAMES

REGISTERED: tuple[Method, ...] = (
    Email(),
    MobilePhone(),
    OfficePhone(),
    AuthenticatorApp(),
    Passkey(),
    RecoveryCode(),
    SecurityQuestions(),
)
"""Every method of this build, in the order in which a page shows them. Add a new method here."""

ALL: dict[str, Method] = {method.name: method for method in REGISTERED}
"""Every method of this build by name. The policy's `methods` are those that people may use."""


CONTACTS = tuple(name for name, method in ALL.items() if isinstance(method, SentCodeMethod))
"""Those that have a contact, which an administrator can supply."""

NUMBERS = tuple(name for name in CONTACTS if ALL[name].evidence is EvidenceClass.PHONE_LINE)

COLUMN_NAMES = {
    **OWN_NAMES,
    **{name: method.headers for name, method in ALL.items() if isinstance(method, SentCodeMethod)},
}
"""The columns of an import and their names in files: who it is, the language of messages, whether the person agreed,
and each contact."""


def evidence_of(method: Method, destination: str = "") -> Evidence:
    """Return what an answer by this method proves. Without a destination it is that of no account."""
    return Evidence(kind=method.evidence, destination=destination, phishing_resistant=method.phishing_resistant)


def evidence_by_name() -> dict[str, Evidence]:
    """Return what each method that a policy may offer proves. Each has a destination of its own, as for one person."""
    return {name: evidence_of(method, name) for name, method in ALL.items()}


def channels_of(name: str, offered: Collection[str]) -> tuple[str, ...]:
    """Return the channels over which this method's code can go, the default first. `offered`: the installation's."""
    method = ALL.get(name)
    channels = method.channels if isinstance(method, SentCodeMethod) else ()
    return tuple(channel for channel in channels if channel in offered)


def is_offered(name: str, offered: Collection[str]) -> bool:
    """Whether an installation with these channels can offer the method. A kept secret needs none."""
    return isinstance(ALL.get(name), KeptSecretMethod) or bool(channels_of(name, offered))


def channel_to(name: str) -> str:
    """Return the channel for notices to a contact of this method. Empty where nothing can be written.

    A row may have a method that this build no longer has.
    """
    method = ALL.get(name)
    channels = method.channels if isinstance(method, SentCodeMethod) else ()
    return next((channel for channel in channels if channel != VOICE), "")


__all__ = [
    "ALL",
    "COLUMN_NAMES",
    "CONTACTS",
    "NUMBERS",
    "Context",
    "Enrolment",
    "HashedSecretMethod",
    "KeptSecretMethod",
    "KnownSecretMethod",
    "Method",
    "Prompt",
    "RelyingParty",
    "SentCodeMethod",
    "Texts",
    "Verdict",
    "channel_to",
    "channels_of",
    "evidence_by_name",
    "evidence_of",
    "is_offered",
]
