"""Person: the one row per account (D6): what is registered, being proved, counted, and still to be told.

Everything here is a value; the rules that change one live in the modules beside it. An account that nobody registered
is a Person without methods, on the same path as everybody else (D7), and is told apart by nothing that a stranger sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.domain.account import AccountKey, ObjectId

FIRST_VERSION = "A" * 22
"""The account version of absent rows, of strangers' rows and of rows never bumped: one constant for all (rule 7)."""

KNOWN_CLIENTS = 5
"""Client prefixes of the last successes that keep the reserve of sends and tries (rule 10)."""

MAX_CLAIMS = 32
"""A full row drops the send silently, and never makes room (rule 1). The limits on sends are reached long before."""


class Purpose(StrEnum):
    """What a code is for; bound into its derivation, so that one never serves for another (rule 6)."""

    RESET = "reset"
    REGISTRATION = "registration"


class MethodState(StrEnum):
    """A stored method is the administrator's word (`prefilled`) or has been proved by the person (`confirmed`)."""

    PREFILLED = "prefilled"
    CONFIRMED = "confirmed"


class Source(StrEnum):
    """Who supplied a contact: its provenance."""

    ADMINISTRATOR = "administrator"
    SELF = "self"


class Standing(StrEnum):
    """What a claim can still do."""

    LIVE = "live"
    """A code goes out, and its answer can be right."""
    VOID = "void"
    """There is nobody to send to; counted exactly as if there were (rule 2)."""
    CLOSED = "closed"
    """The method was suspended when this was claimed: wrong answers do not prolong that (rule 10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredMethod:
    """One method set up for the account."""

    name: str
    sealed: str
    """The contact, sealed for this account and method."""
    destination: str
    """Keyed digest of the contact: what limits, claims and gates compare."""
    state: MethodState
    source: Source
    set_at: datetime
    confirmed_at: datetime | None = None
    usable_from: datetime | None = None
    """A new method rests until then, where older ones satisfy the gates without it."""
    suspect_at: datetime | None = None
    """When a provider gave up on it, by the provider's clock; it still proves (shared/domain/reachability.py)."""
    suspect_reason: str = ""
    reached_at: datetime | None = None
    """When the last suspicion ended: reports of what happened before have nothing to say any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingContact:
    """A contact whose code has not come back yet; one for each method."""

    name: str
    channel: str
    sealed: str
    destination: str
    source: Source
    registration: str
    """Fresh random id that the codes of this attempt are bound to."""
    code_key: int
    send: int
    sent_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedContact:
    """Remembered for 30 days, so that a thief who removes an address cannot silence it (R-50, R-64)."""

    name: str
    sealed: str
    destination: str
    removed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to judge answers to one code; without it there is no code (rule 1)."""

    purpose: Purpose
    verification: str
    gate: int
    method: str
    channel: str
    send: int
    code_key: int
    destination: str
    standing: Standing
    known_client: bool
    claimed_at: datetime
    leaves_at: datetime
    nonce: str
    """Of the delivery that wrote it: how that delivery knows its own write again (rule 4)."""
    tries: tuple[str, ...] = ()
    """One nonce for each wrong answer that was counted."""
    used: str = ""
    """The nonce of the right answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Wrong answers to one method at one place (reset gate 1, reset gate 2, registration)."""

    since: datetime
    count: int = 0
    reserved: int = 0
    consecutive: int = 0
    suspended_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something the person must be told, kept on the row until a provider took it for every address (at least once)."""

    event: str
    template: str
    at: datetime
    method: str = ""
    origin: str = ""
    """The coarse network that the request came from (R-50); gone with the notice."""
    provisional: bool = False
    """Written before the outcome is known; `done` makes it final, a definite refusal withdraws it (rule 11)."""
    sent: tuple[str, ...] = ()
    """Destinations that have been told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """The reminder claimed for one due day; `sent` once a provider took it."""

    day: str
    at: datetime
    nonce: str = ""
    """Of the delivery that claimed it: two instances may read the same time from their clocks."""
    sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The aggregate; written whole, by one conditional write."""

    account: AccountKey
    object_id: ObjectId | None = None
    privileged: bool = False
    """Whether the account had a role when its owner last registered something. The directory has the last word."""
    version: str = FIRST_VERSION
    password_epoch: datetime | None = None
    """Sessions issued before it are over (rule 12)."""
    language: str = ""
    methods: tuple[RegisteredMethod, ...] = ()
    pending: tuple[PendingContact, ...] = ()
    removed: tuple[RemovedContact, ...] = ()
    claims: tuple[Claim, ...] = ()
    failures: Mapping[str, Failures] = field(default_factory=dict)
    known_clients: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    completion: str = ""
    """The mark of a completion under way: the event of its notice."""
    reminder_day: str = ""
    """The day under which this account stands in the Due index."""
    reminder: Reminder | None = None

    def method(self, name: str) -> RegisteredMethod | None:
        return next((method for method in self.methods if method.name == name), None)

    def pending_for(self, name: str) -> PendingContact | None:
        return next((pending for pending in self.pending if pending.name == name), None)

    @property
    def confirmed(self) -> tuple[RegisteredMethod, ...]:
        return tuple(method for method in self.methods if method.state is MethodState.CONFIRMED)

    @property
    def is_empty(self) -> bool:
        """Whether only strangers ever touched this row, so that it may be purged once idle."""
        return not (self.object_id or self.methods or self.pending or self.notices)
