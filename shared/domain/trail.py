"""Define what a request puts on the queues: orders to send something, and audit events, which a trail collects.

Orders contain ids only and have the same size for every account, so a queue reveals nothing (R-94).

The tags of events are a closed list, `area:subject:action` (R-100). Accounts, verifications and clients appear as keyed
digests. Codes, answers, passwords, tokens and contacts never appear (R-101). `cause` is for operators: only there do
"no such account" and "wrong code" differ.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.domain import clocks
from shared.domain.person import CodeId


class Kind(StrEnum):
    """The kind of an order for `deliver`."""

    CODE = "code"
    NOTICE = "notice"
    REMINDER = "reminder"
    WAKE = "wake"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeOrder:
    """An order to send every notice on the row of the account. It is promised before the change that it is about."""

    account: str
    event: str = ""
    """The notice that it was promised for."""
    returned: int = 0
    """How often it was put back into the queue. Then the queue's delay has passed, whatever a clock says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderOrder:
    """An order to remind the person to reconfirm. Idempotent by account and entry of the Due index."""

    account: str
    day: str
    expiry: bool = False
    """Whether it is about a password that expires. The entry is then one of the index of expiries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOrder:
    """An order to send one code. It contains ids only."""

    account: str
    code: CodeId
    code_key: int
    expires_at: datetime
    """After this time the code is not sent, even if the queue delivers late."""
    leaves_at: datetime
    """The absolute expiry of the verification or registration."""
    client_key: str
    """Keyed digest of the client's prefix, for the reserve of rule 10."""
    contact_matches: bool
    """False when the contact in the challenge was not the stored one. Then the order is dropped silently."""
    language: str
    checked: bool = False
    """Whether the client solved the bot check for this verification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeOrder:
    """An order to do nothing. It makes the platform start an instance of `deliver` while the person still reads."""


Order = CodeOrder | NoticeOrder | ReminderOrder | WakeOrder


REFERENCE_LENGTH: Final = 12
REFERENCE_LETTERS: Final = "bcdfghjkmnpqrstv"
"""One for each hexadecimal digit. With digits a reference could be read as a code, by phones and by people; with vowels
it could be a word."""

_SPELLED: Final = str.maketrans("0123456789abcdef", REFERENCE_LETTERS)


def reference_from(hexadecimal: str) -> str:
    """Return 48 bits of a number or a digest as letters, for a person and the helpdesk to speak about (M30)."""
    return hexadecimal[:REFERENCE_LENGTH].translate(_SPELLED)


class Tag(StrEnum):
    """The tag of an audit event: what happened."""

    SESSION_STARTED = "session:account:started"
    SESSION_REFUSED = "session:account:refused"
    CHANGE_CHALLENGED = "method:change:challenged"
    CHANGE_PROVED = "method:change:proved"
    CHANGE_REFUSED = "method:change:refused"
    METHOD_BEGUN = "method:contact:begun"
    METHOD_CONFIRMED = "method:contact:confirmed"
    METHOD_REFUSED = "method:contact:refused"
    METHOD_REMOVED = "method:contact:removed"
    METHOD_SUSPENDED = "method:contact:suspended"
    METHOD_COPIED = "method:credential:copied"
    METHOD_USED_UP = "method:credential:used_up"
    METHOD_SUSPECTED = "method:contact:suspected"
    METHOD_REACHED = "method:contact:reached"
    NUMBER_OPTED_OUT = "method:contact:opted_out"
    NUMBER_OPTED_IN = "method:contact:opted_in"
    CHANGE_STOPPED = "method:change:stopped"
    OBJECTION_REFUSED = "method:change:objection_refused"
    LOSS_REPORTED = "method:loss:reported"
    LOSS_WITHDRAWN = "method:loss:withdrawn"
    REGISTRATION_RECONFIRMED = "registration:account:reconfirmed"
    DATA_COPIED = "registration:data:copied"
    REGISTRATION_ASKED = "registration:account:asked"
    REGISTRATION_PUT_OFF = "registration:account:put_off"
    LANGUAGE_CHOSEN = "registration:language:chosen"
    TIME_ZONE_CHOSEN = "registration:time_zone:chosen"
    RESET_STARTED = "reset:account:started"
    RESET_CHALLENGED = "reset:gate:challenged"
    RESET_GATE_PASSED = "reset:gate:passed"
    RESET_GATE_REFUSED = "reset:gate:refused"
    PASSWORD_RESET = "password:account:reset"  # noqa: S105  a tag, not a password
    ACCOUNT_UNLOCKED = "password:account:unlocked"
    ACCESS_PASS_ISSUED = "password:access_pass:issued"  # noqa: S105  a tag
    PASSWORD_CHANGED = "password:account:changed"  # noqa: S105  a tag
    PASSWORD_REFUSED = "password:account:refused"  # noqa: S105  a tag
    PASSWORD_UNKNOWN = "password:account:unknown"  # noqa: S105  a tag
    CODE_DELIVERED = "deliver:code:done"
    CODE_SPOKEN = "deliver:call:spoken"
    CODE_NOT_SPOKEN = "deliver:call:not_spoken"
    NOTICE_DELIVERED = "deliver:notice:done"
    NOTICE_GIVEN_UP = "deliver:notice:given_up"
    REMINDER_DELIVERED = "deliver:reminder:done"
    EXPIRY_DELIVERED = "deliver:expiry:done"
    DELIVERY_LOST = "deliver:message:lost"
    MESSAGE_DISCARDED = "queue:message:discarded"
    DELIVERY_REPORTED = "deliver:report:noted"
    LIMIT_REACHED = "limit:client:reached"
    TOKEN_REFUSED = "token:client:refused"  # noqa: S105  a tag
    PREFILLED = "admin:prefill:done"
    IMPORT_BEGUN = "admin:import:begun"
    IMPORT_ENDED = "admin:import:ended"
    IMPORT_CANCELLED = "admin:import:cancelled"
    IMPORT_RESUMED = "admin:import:resumed"
    LETTER_MADE = "admin:activation:letter"
    ERASED = "admin:account:erased"
    UNBLOCKED = "admin:account:unblocked"
    VIEWED = "admin:account:viewed"
    FROZEN = "admin:account:frozen"
    THAWED = "admin:account:thawed"
    CONTACT_REVEALED = "admin:contact:revealed"
    METHOD_TAKEN = "admin:method:removed"
    REREGISTRATION = "admin:registration:required"
    METHODS_COMPROMISED = "admin:method:compromised"
    ACCOUNT_CREATED = "admin:account:created"
    ACT_REFUSED = "admin:act:refused"
    ACTIVATION_ASKED = "admin:activation:asked"
    ACTIVATION_ISSUED = "admin:activation:issued"
    ACTIVATION_NOT_ISSUED = "admin:activation:refused"
    ACTIVATION_REVOKED = "admin:activation:revoked"
    ACTIVATION_OPENED = "activation:code:opened"
    ACTIVATION_REFUSED = "activation:code:refused"
    ACTIVATION_USED = "activation:code:used"
    AUDIT_READ = "admin:audit:read"
    COVERAGE_LISTED = "admin:coverage:listed"
    COVERAGE_RECOUNTED = "admin:coverage:recounted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One audit event. `at` is in UTC."""

    tag: Tag
    at: datetime
    account: str = ""
    verification: str = ""
    client_key: str = ""
    """Keyed digest of the client's prefix."""
    actor: str = ""
    """Account key of whoever of the staff did it. Empty where the person or a stranger did it."""
    method: str = ""
    cause: str = ""
    reason: str = ""
    """Why staff did it, as they typed it."""
    reference: str = ""
    """What the person can tell the helpdesk: that of the refusal or of the notice (M30)."""
    network: str = ""
    """The address of the request as `audit_addresses` says: a network, all of it, or a keyed digest (M33)."""
    device: str = ""
    """The family of its device, such as `Firefox, Windows`."""


OLDEST: Final = timedelta(days=8)
"""No message waits for so long in a queue."""


def believable(event: AuditEvent, now: datetime) -> AuditEvent:
    """Return the event with a time that it can have. Its time decides in which table it is (rule 32)."""
    return replace(event, at=max(clocks.believable(event.at, now), now - OLDEST))


@dataclass(slots=True)
class Trail:
    """What a request leaves behind: its events, in order, and the language of its page for messages about it.

    A refused request has a trail too.
    """

    events: list[AuditEvent] = field(default_factory=list)
    language: str = ""
    reference: str = ""
    """Drawn for each request, whoever asks, so that it tells nothing about an account. All of its events have it."""
    network: str = ""
    device: str = ""
    """Where the request came from. Empty for a queue or a timer."""

    def record(self, tag: Tag, at: datetime, **facts: str) -> None:
        """Add one event. `facts` are its other fields."""
        self.events.append(AuditEvent(tag=tag, at=at, **{**self._of_the_request(), **facts}))

    def _of_the_request(self) -> dict[str, str]:
        return {"reference": self.reference, "network": self.network, "device": self.device}
