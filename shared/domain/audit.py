"""Audit: the closed list of what is recorded, `area:subject:action`, and the event itself (R-100).

Accounts, verifications and clients appear as keyed digests; no code, answer, password, token or contact ever does
(R-101). `cause` is for operators: it is where "no such account" and "wrong code" differ.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Tag(StrEnum):
    """What happened."""

    SESSION_STARTED = "session:account:started"
    SESSION_REFUSED = "session:account:refused"
    METHOD_BEGUN = "method:contact:begun"
    METHOD_CONFIRMED = "method:contact:confirmed"
    METHOD_REFUSED = "method:contact:refused"
    METHOD_REMOVED = "method:contact:removed"
    METHOD_SUSPENDED = "method:contact:suspended"
    METHOD_SUSPECTED = "method:contact:suspected"
    METHOD_REACHED = "method:contact:reached"
    REGISTRATION_RECONFIRMED = "registration:account:reconfirmed"
    RESET_STARTED = "reset:account:started"
    RESET_CHALLENGED = "reset:gate:challenged"
    RESET_GATE_PASSED = "reset:gate:passed"
    RESET_GATE_REFUSED = "reset:gate:refused"
    PASSWORD_RESET = "password:account:reset"  # noqa: S105  a tag, not a password
    PASSWORD_CHANGED = "password:account:changed"  # noqa: S105  a tag
    PASSWORD_REFUSED = "password:account:refused"  # noqa: S105  a tag
    PASSWORD_UNKNOWN = "password:account:unknown"  # noqa: S105  a tag
    CODE_DELIVERED = "deliver:code:done"
    NOTICE_DELIVERED = "deliver:notice:done"
    REMINDER_DELIVERED = "deliver:reminder:done"
    DELIVERY_LOST = "deliver:message:lost"
    DELIVERY_REPORTED = "deliver:report:noted"
    LIMIT_REACHED = "limit:client:reached"
    PREFILLED = "admin:prefill:done"
    ERASED = "admin:account:erased"
    ACCOUNT_CREATED = "admin:account:created"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One thing that happened; `at` in UTC."""

    tag: Tag
    at: datetime
    account: str = ""
    verification: str = ""
    client: str = ""
    method: str = ""
    cause: str = ""
