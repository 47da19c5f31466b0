"""Register the methods, one per file. docs/adding-a-method.md explains how to add one."""

from shared.domain.person import Evidence
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


def can_prove(method: Method) -> bool:
    """Whether an answer by this method can be right in this build."""
    return isinstance(method, KeptSecretMethod) or bool(method.channels)


def evidence_of(method: Method, destination: str = "") -> Evidence:
    """Return what an answer by this method proves. Without a destination it is that of no account."""
    return Evidence(kind=method.evidence, destination=destination, phishing_resistant=method.phishing_resistant)


def evidence_by_name() -> dict[str, Evidence]:
    """Return what each method that a policy may offer proves. Each has a destination of its own, as for one person."""
    return {name: evidence_of(method, name) for name, method in ALL.items() if can_prove(method)}


def needs_texts(name: str) -> bool:
    """Whether the codes of this method go by text message only, so that it needs a sender of texts."""
    method = ALL.get(name)
    return isinstance(method, SentCodeMethod) and bool(method.channels) and {*method.channels} <= {"sms"}


def channel_to(name: str) -> str:
    """Return the channel for notices to a contact of this method. Empty where nothing can be sent.

    A row may have a method that this build no longer has.
    """
    method = ALL.get(name)
    return method.channels[0] if isinstance(method, SentCodeMethod) and method.channels else ""


__all__ = [
    "ALL",
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
    "can_prove",
    "channel_to",
    "evidence_by_name",
    "evidence_of",
    "needs_texts",
]
