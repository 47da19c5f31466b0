"""What each endpoint answers. The OpenAPI document is made from these."""

from datetime import datetime

from msgspec import Struct


class SessionAnswer(Struct):
    """A session, to be sent as `Authorization: Bearer`."""

    token: str
    expires_at: datetime


class MethodAnswer(Struct):
    """One registered method, shown to its owner: `state` is prefilled, pending, confirmed, stale or suspect.

    Suspect: a provider could not deliver there. It still proves; confirm it again, or replace it.
    """

    method: str
    contact: str
    state: str
    confirmed_at: datetime | None
    usable_from: datetime | None


class RegistrationAnswer(Struct):
    """The own registration. `missing` is empty once the confirmed methods open every gate."""

    methods: list[MethodAnswer]
    missing: list[str]
    due_at: datetime | None
    roles: list[str]
    offered: list[str]


class BegunAnswer(Struct):
    """A code is on its way; `wait` is in seconds, before another one may be asked for."""

    method: str
    channel: str
    wait: int
    expires_at: datetime


class StatusAnswer(Struct):
    """`must_register`, `must_reconfirm` or `fine`."""

    status: str


class StartAnswer(Struct):
    """The methods are the policy's, the same for everybody."""

    verification_token: str
    methods: list[str]


class ChallengeAnswer(Struct):
    """If the account has that method, a code is on its way; `wait` is in seconds."""

    verification_token: str
    wait: int


class VerifyAnswer(Struct, omit_defaults=True):
    """Either one more gate (`verification_token`, `methods`, `hints`), or the right to set a password."""

    verification_token: str | None = None
    methods: list[str] | None = None
    hints: dict[str, str] | None = None
    reset_token: str | None = None
    expires_at: datetime | None = None


class EmptyAnswer(Struct):
    """Done."""


class RuleAnswer(Struct):
    """One password rule and its verdict; `limit` is in characters, for the rules on length."""

    rule: str
    passed: bool
    limit: int | None


class PasswordCheckAnswer(Struct):
    """Every rule, in the order in which a page shows them."""

    accepted: bool
    rules: list[RuleAnswer]


class VerdictAnswer(Struct):
    """What became of one row: `prefilled`, `unchanged` or `refused`; `code` says why not all of it was taken."""

    row: int
    identifier: str
    verdict: str
    code: str | None


class PrefillAnswer(Struct):
    """A verdict for each row, in order."""

    verdicts: list[VerdictAnswer]


class EraseAnswer(Struct):
    """Whether anything was kept; the audit log keeps its keyed digests, and the directory its account."""

    erased: bool


class HealthAnswer(Struct):
    """`ok`."""

    status: str


class Problem(Struct, omit_defaults=True):
    """An RFC 9457 problem document; `code` is stable, `title` and `detail` are in the caller's language."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    retry_after: int | None = None
    field: str | None = None
    reason: str | None = None
    reasons: list[str] | None = None
    reset_token: str | None = None
