"""Define Person, the row of one account (D6): its methods, proofs, counters and pending notices.

All classes here are immutable values. The other modules of this folder have the rules that change them. An account
without a registration is a Person without methods and takes the same path (D7), so a stranger cannot tell them apart.

An attempt counts the answers to one gate by one method, even where no code was sent. A sent code records where a code
went. They are independent of each other (D6).

Long: the row and all of its parts are in one file.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from shared.domain.account import AccountKey, ObjectId

T = TypeVar("T")

REGISTRATION_GATE = 0
"""A registration has no reset gate. The number 0 keeps its counters separate."""

FIRST_VERSION = "A" * 22
"""Both versions of rows that do not exist, that only strangers touched, or that never changed it (rule 7)."""

# -- the places of a row: how many entries of each kind it has at most (rule 1) --

KNOWN_CLIENTS = 5
"""Clients of the latest successes. They have the reserve of sends and tries (rule 10)."""

RING = 32
"""Nonces of the latest writes (rule 4). Fewer writers than this meet on one row at once."""

MAX_ATTEMPTS = 24
"""When the row has this many attempts, the oldest one that neither passed nor has a live code is removed. An attacker
gains no tries by that: a new verification has as many, and the method's failures stay counted."""

MAX_SENT_CODES = 16
"""When the row has this many claims, the send is dropped silently. The limits on sends are reached long before, because
only codes that are sent have a claim."""

MAX_DECOYS = 12
"""Decoys and claims together, as long as there are no more claims: as many as the claims that strangers can cause."""

MAX_REMOVED = 12
"""Removed contacts, those that were registered for the longest time. Many changes must not fill the row, nor push out
the address of the owner."""

MAX_CHANGES = 36
"""Changes that may still be objected to: as many as three days can have (shared/domain/daily_events.py)."""

MAX_COMPLETIONS = 12
"""Completions, the newest ones: more than one token allows."""

MAX_NOTICES = 24
"""More than the events of a day can cause, with room for suspensions: 7 passwords, 12 changes of methods or reports of
their loss, an erasure, two kinds of freezes, an unblock and an activation (shared/domain/daily_events.py)."""

MAX_PENDING = 8
MAX_FAILURES = 32
MAX_RECENT = 16
"""More than there are methods, places where they are counted, and events of a day."""

CAUSED_BY_STRANGERS = frozenset({"method_suspended", "sign_in_closed"})
"""Templates of notices that strangers can cause. They make room for the others."""


SHORT = 10
"""Characters of a destination that tell the addresses of one person apart: 50 bits of the digest."""


class Lane(StrEnum):
    """What gives a client a reserve of starts, sends and tries. Neither lane spends the other's (rule 10)."""

    KNOWN = "known"
    """One of the last successes of the account came from this client."""
    CHECKED = "checked"
    """The client solved the bot check for this verification (rule 25)."""


class EvidenceClass(StrEnum):
    """The class of a proof. Two gates must differ in it."""

    MAILBOX = "mailbox"
    PHONE_LINE = "phone_line"
    DEVICE = "device"
    KNOWLEDGE = "knowledge"
    PAPER = "paper"


NEVER_FIRST: Final = frozenset({EvidenceClass.KNOWLEDGE})
"""What others can find out or guess. It counts only behind a passed gate, proves no change of methods, and nothing for
accounts with a role (OWASP ASVS 5.0 6.4.2; C1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One proof: its class, and the digest of the address, number or credential."""

    kind: EvidenceClass
    destination: str
    """Keyed digest of the address, the number or the credential; never empty."""
    phishing_resistant: bool = False


class Purpose(StrEnum):
    """What an answer is for. Codes are derived from it, so a code for one purpose is wrong for another (rule 6)."""

    RESET = "reset"
    REGISTRATION = "registration"
    CHANGE = "change"
    """Proves who wants to add, change or remove a method (rule 20)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptId:
    """Identifies the attempt at one gate of one verification by one method."""

    purpose: Purpose
    verification: str
    gate: int
    method: str

    @property
    def failures_key(self) -> str:
        """The key of its failure counter. Strangers at gate 1 cannot use up gate 2 or registration (rule 10).

        A third gate, which few accounts have, counts with the second.
        """
        return f"{self.purpose}:{min(self.gate, 2)}:{self.method}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeId:
    """Identifies one code: its attempt, its channel, and the number of the send."""

    attempt: AttemptId
    channel: str
    send: int

    def __str__(self) -> str:
        """Return a text that is the same for every delivery of this code, so the provider can refuse duplicates."""
        of = self.attempt
        return f"{of.verification}:{of.gate}:{of.method}:{self.channel}:{self.send}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The tries and the outcome of one attempt."""

    id: AttemptId
    leaves_at: datetime
    """The absolute expiry of its token plus the clock margin. The attempt stays on the row until then."""
    tries: int = 0
    """The number of wrong answers."""
    passed: Evidence | None = None
    """What the right answer proved. None before it."""
    nonce: str = ""
    """Nonce of the request with the right answer, which finds its own write by it (rule 4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCode:
    """The claim of one code. The code is right only while the claim is on the row (rule 1)."""

    id: CodeId
    code_key: int
    """The version of the key from which the code is derived."""
    destination: str
    """Keyed digest of where the code went."""
    claimed_at: datetime
    leaves_at: datetime
    nonce: str
    """Nonce of the delivery that wrote it (rule 4)."""
    refused: bool = False
    """Whether the provider definitely refused it, so that the same claim may be used for another send (rule 2)."""
    spoken: bool = False
    """Whether a call speaks the code, or has spoken it. It is written before, with the nonce of that request (rule 2).
    """


class MethodState(StrEnum):
    """Whether somebody else supplied a method (`prefilled`) or the person proved it (`confirmed`)."""

    PREFILLED = "prefilled"
    CONFIRMED = "confirmed"
    USED_UP = "used_up"
    """It was confirmed, and none of its answers is left."""


class Source(StrEnum):
    """Who supplied a contact."""

    ADMINISTRATOR = "administrator"
    DIRECTORY = "directory"
    SELF = "self"


def seal_purpose(method: str, credential: str) -> str:
    """Return what a contact (without a credential) or a kept secret is sealed for."""
    return f"{method}:{credential}" if credential else method


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A sealed contact or kept secret of one account, method and credential, and the evidence of a right answer."""

    method: str
    text: str
    """Ciphertext. Only `shared/usecases/_sealing.py` makes and opens it."""
    evidence: Evidence
    credential: str = ""
    """Random id of one of several kept secrets of the same method. Empty for a contact, because there is one."""

    @property
    def destination(self) -> str:
        """Keyed digest of the address, the number or the credential. Sends, gates and notices compare it."""
        return self.evidence.destination

    @property
    def purpose(self) -> str:
        """What the text is sealed for, beside the account. It opens for nothing else."""
        return seal_purpose(self.method, self.credential)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """An administrator's request to confirm a method again. Once the days are over it only proves changes (rule 20)."""

    at: datetime
    days: int = 0
    compromised: bool = False
    """Whether somebody else may have it, so that it proves nothing, and only an activation confirms it again."""

    @property
    def closes_at(self) -> datetime:
        """From when the method opens no gate until it is confirmed again."""
        return self.at + timedelta(days=self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a contact of an administrator came from: the import, and on whose word that the person agreed."""

    import_id: str
    basis: str
    attested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A contact that an administrator put in the place of a confirmed one. It proves nothing before it is confirmed."""

    sealed: Sealed
    at: datetime
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredMethod:
    """One method of the account, prefilled or confirmed."""

    sealed: Sealed
    state: MethodState
    source: Source
    set_at: datetime
    label: str = ""
    """The person's own name for it, where there may be several. Never a contact."""
    confirmed_at: datetime | None = None
    usable_from: datetime | None = None
    """Since when it can prove something. A method that was added without a proof rests until then (rule 21)."""
    suspect_at: datetime | None = None
    """When a provider could not deliver, by the provider's clock. It still proves (shared/domain/reachability.py)."""
    suspect_reason: str = ""
    reached_at: datetime | None = None
    """When it last stopped being suspect. Reports of earlier events are ignored."""
    renewal: Renewal | None = None
    """What an administrator asked for: that it be confirmed again."""
    provenance: Provenance | None = None
    offer: Offer | None = None

    @property
    def to_confirm(self) -> Sealed:
        """The contact that the person is asked to confirm: that of an administrator, if there is one."""
        return self.offer.sealed if self.offer is not None else self.sealed

    @property
    def destinations(self) -> tuple[str, ...]:
        """Where it is, and where an administrator says that it is now."""
        return tuple(dict.fromkeys((self.sealed.destination, self.to_confirm.destination)))

    @property
    def must_renew(self) -> bool:
        """Whether it is to be confirmed again."""
        return self.renewal is not None

    @property
    def is_compromised(self) -> bool:
        """Whether an administrator declared it compromised. It proves nothing, and still gets notices (rule 20)."""
        return self.renewal is not None and self.renewal.compromised

    def is_closed(self, now: datetime) -> bool:
        """Whether it opens no gate before it is confirmed again."""
        return self.renewal is not None and self.renewal.closes_at <= now

    @property
    def since(self) -> datetime:
        """Since when it can prove something, if it is confirmed."""
        return self.usable_from or self.set_at

    @property
    def name(self) -> str:
        return self.sealed.method

    @property
    def credential(self) -> str:
        return self.sealed.credential

    @property
    def destination(self) -> str:
        return self.sealed.destination


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMethod:
    """A method that the person is setting up and has not confirmed yet. One for each method name (rule 13)."""

    sealed: Sealed
    source: Source
    attempt: AttemptId
    """Its `verification` is a new random id for each registration."""
    expires_at: datetime
    nonce: str
    """Nonce of the request that wrote it (rule 4)."""
    label: str = ""
    replaces: str = ""
    """The credential that the new one replaces."""
    proved: bool = False
    """Whether it was begun with a proof, so that it will not rest (rules 20 and 21)."""
    opening: str = ""
    """The opening of an activation in which it was begun. Only the same one confirms it. Empty after a sign-in."""
    fully_proved: bool = False
    """Whether all gates of the policy were passed without what it replaces (rule 29)."""
    is_stored: bool = False
    """Whether it is the contact that was on the row, to be confirmed as it is."""
    code: CodeId | None = None
    """The code that was sent last. None for a kept secret, for which nothing is sent."""
    code_key: int = 0
    sent_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.sealed.method

    @property
    def destination(self) -> str:
        return self.sealed.destination


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedContact:
    """A removed contact. It gets notices for 30 days: an attacker must not stop them by removing it (R-50, R-64).

    A removed kept secret is here for as long as an objection may bring it back (rule 29).
    """

    sealed: Sealed
    removed_at: datetime
    since: datetime | None = None
    """Since when it could prove something. None if it was never confirmed, or was declared compromised."""
    label: str = ""

    @property
    def destination(self) -> str:
        return self.sealed.destination

    @property
    def stood_for(self) -> timedelta:
        """For how long it could prove something. Whoever changes the methods now cannot make it longer."""
        return self.removed_at - self.since if self.since else timedelta.min


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a code from its notice can stop (rule 29): an addition, a removal or both, and without a method a loss wait.

    Destinations are their first characters (`SHORT`).
    """

    event: str
    """The event of the notice."""
    at: datetime
    method: str = ""
    gone: str = ""
    """What was removed or replaced, if it was confirmed."""
    new: str = ""
    """What was added."""
    fully_proved: bool = False
    """Whether all gates of the policy were passed without what is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationRequest:
    """What one administrator asked for and a second one has not approved yet (rule 27)."""

    serial: str
    asked_by: ObjectId
    """The administrator's account, so that the directory can say who it is, and whether it still has the role."""
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """A code that an administrator issued (rule 27). There is at most one."""

    serial: str
    mac: str
    """HMAC of account, serial and code. Empty once the code is spent."""
    expires_at: datetime
    approved: bool
    """Whether a second administrator approved it. Without that it ends with the first method of an ordinary sign-in."""
    rests: bool
    """Whether the person had a confirmed method before, so that what is registered with the code rests."""
    spent_by: str = ""
    """The opening in which something was confirmed first. It goes on until it expires, and no other one does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Who stopped self-service, and why, where an administrator did. An objection leaves none (rule 29)."""

    by: ObjectId
    """The administrator's account, so that the directory can say who it is."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Wrong answers to one method at reset gate 1, at reset gate 2, or at registration."""

    since: datetime
    count: int = 0
    reserved: int = 0
    """Those that known clients gave in a suspension."""
    checked: int = 0
    """Those that clients with a solved bot check gave in a suspension."""
    consecutive: int = 0
    suspended_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message to the person. It stays on the row until a provider took it for every address (at least once)."""

    event: str
    template: str
    at: datetime
    method: str = ""
    origin: str = ""
    """The approximate network of the request (R-50). It is deleted with the notice."""
    provisional: bool = False
    """Whether the outcome is still unknown. `done` makes it final, a definite refusal removes it (rule 11)."""
    verification: str = ""
    """The verification that a completion belongs to. Its success replaces the notices of its earlier attempts."""
    sent: tuple[str, ...] = ()
    """The first characters of the destinations that need no further send (`SHORT`)."""
    attempts: int = 0
    """How many deliveries have left an address untold."""
    next_at: datetime | None = None
    """When the next delivery is due. None before the first one."""
    left: int | None = None
    """How many answers of a kept secret were left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """How often the person put off the question whether everything is still right, and until when."""

    of: datetime
    """The oldest confirmation at that time. A later one begins a new period, and this says nothing any more."""
    until: datetime
    count: int = 1


class CompletionState(StrEnum):
    """How far a completion got, as far as the row knows."""

    UNDER_WAY = "under_way"
    DONE = "done"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One completion of a reset. By it the same request is recognised when it comes again (rule 30)."""

    spent: str
    """The account version of the token that it used."""
    version: str
    """The account version that it drew. A token for another try has it."""
    mac: str
    """HMAC of the new password under a random key that is only in the token."""
    at: datetime
    leaves_at: datetime
    state: CompletionState = CompletionState.UNDER_WAY
    repeats: int = 0
    """How often the request came again and was answered with an outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """The reminder that a delivery claimed for one entry of the Due index. `sent` is set once a provider took it."""

    day: str
    at: datetime
    nonce: str = ""
    """Nonce of the delivery that claimed it. The time is not enough: two instances may read the same time."""
    sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """When the password expires, as the directory told last, and what was said of it."""

    at: datetime
    entry: str = ""
    """This account's entry in the index of expiries: an hour (`YYYYMMDDHH`, UTC)."""
    told_at: datetime | None = None
    """When the person was last told of that day."""
    claim: Reminder | None = None
    """The notice that a delivery claimed last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a sign-in page was told to ask for, and since when (M14)."""

    status: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The row of one account. It is written whole, by one conditional write."""

    account: AccountKey
    object_id: ObjectId | None = None
    masked_name: str = ""
    """The name of the account as messages may show it. Empty before its owner or an administrator set anything."""
    privileged: bool = False
    """Whether the account had a role when its owner last registered something. The directory decides at the end."""
    version: str = FIRST_VERSION
    """The account version. A new one ends every verification under way."""
    session_version: str = FIRST_VERSION
    """A new one ends every session (rule 12)."""
    password_stamp: str = ""
    """The directory's stamp of the password that was seen last. Empty if none was."""
    language: str = ""
    """That of the page on which the person last did something. A prefill sets the first."""
    wanted_language: str = ""
    """The person's own choice for messages. Empty: that of the pages."""
    time_zone: str = ""
    """The person's own choice (IANA name), for times in messages and the hours of reminders. Empty: the organisation's.
    """
    methods: tuple[RegisteredMethod, ...] = ()
    pending: tuple[PendingMethod, ...] = ()
    removed: tuple[RemovedContact, ...] = ()
    changes: tuple[Change, ...] = ()
    """The changes of the last days that may be objected to (rule 29)."""
    had_method: bool = False
    """Whether a method was ever confirmed, also one that is gone. It outlives an erasure (rule 27)."""
    activation_request: ActivationRequest | None = None
    activation: Activation | None = None
    frozen_at: datetime | None = None
    """When an objection or an administrator stopped self-service. Only an administrator starts it again (rule 29)."""
    freeze: Freeze | None = None
    emptied: bool = False
    """Whether an administrator removed the last method that could prove a change. Adding one then takes the wait of a
    loss, or an activation: whoever has only the password must not be the first to register (rule 20)."""
    lost_at: datetime | None = None
    """When the person reported that every method is lost (rule 20)."""
    unproved_at: datetime | None = None
    """When somebody who had signed in last tried a change without a proof, if the notice of it stands or was sent."""
    guarded_until: datetime | None = None
    """Until then a method that was removed still counts as present, so that new ones rest (rule 21)."""
    attempts: tuple[Attempt, ...] = ()
    sent_codes: tuple[SentCode, ...] = ()
    decoys: tuple[SentCode, ...] = ()
    """What a delivery leaves that sent nothing: entries like claims, which no answer is ever judged by (rule 1)."""
    failures: Mapping[str, Failures] = field(default_factory=dict)
    known_clients: tuple[str, ...] = ()
    """The clients of the last successes of any kind, newest first: reset, sign-in, registration (rule 10)."""
    sign_in_failures: int = 0
    """Failed sign-ins since the last success, under all names and from all clients (rule 18)."""
    sign_in_closed_at: datetime | None = None
    """When the person was last told that sign-in is closed to unknown clients."""
    notices: tuple[Notice, ...] = ()
    erased_at: datetime | None = None
    """When the row was erased. Its contacts stay among the removed ones until every notice until then is told."""
    recent: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    """When passwords were set and methods changed in the last 24 hours (rule 23)."""
    completion: str = ""
    """The mark of a completion under way: the event of its notice. Empty when there is none."""
    completion_until: datetime | None = None
    """The deadline of the mark, with the clock margin. After it the next sign-in removes the mark."""
    completions: tuple[Completion, ...] = ()
    """The completions whose tokens are still valid."""
    reminder_day: str = ""
    """This account's entry in the Due index: an hour (`YYYYMMDDHH`, UTC), or a day that an earlier build wrote."""
    reminder: Reminder | None = None
    snooze: Snooze | None = None
    expiry: Expiry | None = None
    """None where the directory tells no day, or nobody has signed in since it does."""
    asked: Asked | None = None
    """What sign-in pages ask the person for. None while nothing is due, or before the first one asked."""
    ring: tuple[str, ...] = ()
    """The nonces of the last writes, newest last. A request finds its own write by them (rule 4)."""

    def method(self, name: str, credential: str = "") -> RegisteredMethod | None:
        return next((m for m in self.methods if (m.name, m.credential) == (name, credential)), None)

    def pending_for(self, name: str) -> PendingMethod | None:
        return next((pending for pending in self.pending if pending.name == name), None)

    def attempt(self, of: AttemptId) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.id == of), None)

    @property
    def confirmed(self) -> tuple[RegisteredMethod, ...]:
        return tuple(method for method in self.methods if method.state is MethodState.CONFIRMED)

    @property
    def used_up(self) -> tuple[RegisteredMethod, ...]:
        return tuple(method for method in self.methods if method.state is MethodState.USED_UP)

    @property
    def compromised(self) -> tuple[RegisteredMethod, ...]:
        return tuple(method for method in self.methods if method.is_compromised)

    @property
    def ever_had_method(self) -> bool:
        """Whether a method was ever confirmed, as far as the row can tell (rule 27)."""
        was_there = any(contact.since is not None for contact in self.removed)
        return self.had_method or bool(self.confirmed or self.used_up or self.changes) or was_there

    def usable(self, offered: Collection[str], now: datetime) -> tuple[RegisteredMethod, ...]:
        """Return the methods that can prove a change now: confirmed, offered, not resting, not compromised (R-63).

        None while self-service is frozen: strangers must not tell such an account from one without methods (rule 29).
        """
        return tuple(
            method
            for method in self.confirmed
            if method.name in offered
            and method.since <= now
            and not method.is_compromised
            and self.frozen_at is None
            and not (self.privileged and method.sealed.evidence.kind in NEVER_FIRST)
        )

    def opening_gates(self, offered: Collection[str], now: datetime) -> tuple[RegisteredMethod, ...]:
        """Return the usable methods that may open a gate of a reset: without those to be confirmed again first."""
        return tuple(method for method in self.usable(offered, now) if not method.is_closed(now))

    def provers(self, offered: Collection[str], now: datetime) -> tuple[RegisteredMethod, ...]:
        """Return the methods that can prove something alone, such as a change of the methods (rule 20)."""
        usable = self.usable(offered, now)
        return tuple(method for method in usable if method.sealed.evidence.kind not in NEVER_FIRST)

    def proves_later(self, offered: Collection[str], now: datetime) -> tuple[RegisteredMethod, ...]:
        """Return the methods that rest now and will then prove something alone.

        While they are all that a person has, a proof is needed that nobody can give yet: what is registered must not be
        free to whoever knows the password (rules 20 and 27).
        """
        resting = (method for method in self.confirmed if method.name in offered and now < method.since)
        sound = (method for method in resting if not method.is_compromised)
        return tuple(method for method in sound if method.sealed.evidence.kind not in NEVER_FIRST)

    def needs_activation(self, offered: Collection[str]) -> bool:
        """Whether a method is compromised and none is left that can prove a change, now or after its rest (rule 20)."""
        return bool(self.compromised) and not any(
            method.name in offered and not method.is_compromised and method.sealed.evidence.kind not in NEVER_FIRST
            for method in self.confirmed
        )

    @property
    def message_language(self) -> str:
        return self.wanted_language or self.language

    @property
    def times_in(self) -> dict[str, str]:
        """The field of a message that says in which zone its times are, where the person chose one."""
        return {"time_zone": self.time_zone} if self.time_zone else {}

    def speaking(self, language: str) -> "Person":
        """Return the row of somebody who uses a page in this language now. Empty: it is not known."""
        return replace(self, language=language or self.language)

    @property
    def is_empty(self) -> bool:
        """Whether the row has no registration: only strangers touched it, or it was erased."""
        return not (self.object_id or self.methods or self.pending or self.notices)

    def suspects(self, destination: str) -> bool:
        """Whether a method at this destination is suspect."""
        return any(method.destination == destination and method.suspect_at for method in self.methods)

    def with_sealed(self, sealed: Sealed) -> "Person":
        """Return the row with the sealed text of one method replaced. A kept secret may change when it is used."""
        methods = tuple(
            replace(m, sealed=sealed) if (m.name, m.credential) == (sealed.method, sealed.credential) else m
            for m in self.methods
        )
        return replace(self, methods=methods)

    def stamped(self, nonce: str, earlier: tuple[str, ...]) -> "Person":
        """Return the row with the writer's nonce added to the ring that the writer read."""
        return replace(self, ring=(*earlier, nonce)[-RING:])

    def within_places(self) -> "Person":
        """Return the row with no list over its bound, so that it can always be written (rule 1).

        Each rule that adds an entry has its own bound. This is for a row over its bounds, which an earlier build may
        have written. What is still needed goes last.
        """
        return replace(
            self,
            pending=tuple({pending.name: pending for pending in self.pending}.values())[-MAX_PENDING:],
            removed=self._within(self.removed, MAX_REMOVED, lambda contact: contact.stood_for),
            changes=self.changes[-MAX_CHANGES:],
            attempts=self._within(self.attempts, MAX_ATTEMPTS, self._is_needed),
            sent_codes=self.sent_codes[-MAX_SENT_CODES:],
            decoys=self.decoys[::-1][: max(0, MAX_DECOYS - len(self.sent_codes))][::-1],
            failures=dict(self._within(tuple(self.failures.items()), MAX_FAILURES, lambda item: item[1].since)),
            known_clients=self.known_clients[:KNOWN_CLIENTS],
            notices=self._within(
                self.notices, MAX_NOTICES, lambda notice: (notice.template not in CAUSED_BY_STRANGERS, notice.at)
            ),
            recent={event: times[-MAX_RECENT:] for event, times in self.recent.items()},
            completions=self.completions[-MAX_COMPLETIONS:],
            ring=self.ring[-RING:],
        )

    def _is_needed(self, attempt: Attempt) -> tuple[bool, bool]:
        return attempt.passed is not None, any(sent.id.attempt == attempt.id for sent in self.sent_codes)

    def bears(self, nonce: str) -> bool:
        """Whether the nonce is on the row, so that its writer has certainly written (rule 4).

        The ring keeps only the latest nonces. Entries that stay longer keep the nonce of their writer themselves.
        """
        return bool(nonce) and (nonce in self.ring or nonce in self._nonces())

    def has_seen_nothing_leave_since(self, earlier: tuple[str, ...]) -> bool:
        """Whether the ring still has every nonce since `earlier`. Only then does a missing nonce mean a lost write."""
        return len(self.ring) < RING or (bool(earlier) and earlier[-1] in self.ring)

    def with_known_client(self, client_key: str) -> "Person":
        """Return the row after a success of this client."""
        others = (known for known in self.known_clients if known != client_key)
        return replace(self, known_clients=(client_key, *others)[:KNOWN_CLIENTS])

    def with_password_seen(self, stamp: str, *, version: str, session_version: str) -> "Person":
        """Return the row after the directory showed this stamp of the password.

        Another stamp than before means that the password was set outside of this service. That ends every verification
        under way and every session, as a password that was set here does (rule 12).
        """
        if stamp == self.password_stamp:
            return self
        return replace(self, password_stamp=stamp, version=version, session_version=session_version, lost_at=None)

    def completion_of(self, version: str) -> Completion | None:
        """Return the completion that used the token with this account version."""
        return next((completion for completion in self.completions if completion.spent == version), None)

    def with_notice(self, notice: Notice, *, alone: bool = False) -> "Person":
        """Return the row with the notice. `alone`: it tells what earlier ones of its template told, and replaces them.

        For events that nothing limits: one notice each would push out others that are still owed (rule 23).
        """
        kept = tuple(other for other in self.notices if not (alone and other.template == notice.template))
        return replace(self, notices=(*kept, notice))

    def owes(self, event: str) -> bool:
        """Whether the notice of that event is still on the row."""
        return any(notice.event == event for notice in self.notices)

    @staticmethod
    def _within(entries: tuple[T, ...], most: int, rank: Callable[[T], Any]) -> tuple[T, ...]:
        """Return at most that many entries in their order, without those of the lowest rank."""
        gone = sorted(range(len(entries)), key=lambda place: rank(entries[place]))[: max(0, len(entries) - most)]
        return tuple(entry for place, entry in enumerate(entries) if place not in gone)

    def _nonces(self) -> Iterator[str]:
        yield self.completion
        yield from (attempt.nonce for attempt in self.attempts)
        yield from (sent.nonce for sent in self.sent_codes)
        yield from (pending.nonce for pending in self.pending)
        yield from (notice.event for notice in self.notices)
        if self.reminder is not None:
            yield self.reminder.nonce
        if self.expiry is not None and self.expiry.claim is not None:
            yield self.expiry.claim.nonce
