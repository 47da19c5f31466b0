"""HTTP: find a person and show a contact in full, for an administrator."""

from datetime import datetime
from typing import Annotated, Literal

import azure.functions as func
from pydantic import Field

from functions._contract import MethodName, Reason, WantedMethod
from functions._function import endpoint
from functions._http import Call
from functions._registration import MethodStateName, RoleName, SourceName
from shared.domain.account import ManagedBy
from shared.domain.closed import Closed
from shared.domain.errors import Limited, NotFound
from shared.domain.gates import Lack
from shared.domain.next_step import NextStep
from shared.domain.roles import Right
from shared.domain.sign_in_status import SignInStatus
from shared.validation.fields import Identifier
from shared.validation.model import Answer, Request

bp = func.Blueprint()


class FindRequest(Request):
    """Any name of the account. In the body, because an address would be logged with its query."""

    identifier: Identifier


class SeenMethod(Answer):
    """A registered method. The contact is masked: `admin/people/reveal` shows it."""

    method: MethodName
    credential: str = Field(description="which of several kept secrets; empty for a contact")
    masked: str = Field(description="empty for a kept secret")
    label: str = Field(description="the person's own name for it")
    state: MethodStateName = Field(description="as in `me`")
    source: SourceName = Field(description="who entered it")
    permission: str = Field(description="of what an administrator entered: on which basis it may be used")
    attested_by: str = Field(description="who says so")
    set_at: datetime | None
    confirmed_at: datetime | None
    usable_from: datetime | None = Field(description="it rests until then, because it was added without a proof")
    opens_until: datetime | None = Field(description="of one to be renewed: until when it still resets a password")
    left: int | None = Field(description="how many codes of a set are left; null for everything else")
    needed: bool = Field(description="without it, the others no longer open every gate")


class RemovedContactAnswer(Answer):
    """A contact that was removed in the last 30 days. It still gets notices."""

    method: MethodName
    masked: str
    removed_at: datetime


class ClosedAnswer(Answer):
    """What is closed, and for how long.

    `frozen`: self-service was stopped, by `frozen_by` or by an objection. `compromised`: every change, until an
    activation. `emptied`: adding a method, until the wait of a loss has ended or an activation. `method`: wrong
    answers. `sign_in`: wrong passwords; known networks and a solved bot check are still admitted.
    """

    what: Closed
    method: MethodName | Literal[""]
    purpose: Literal["", "reset", "registration", "change"]
    gate: int = Field(description="of a reset: 1 or 2; otherwise 0")
    since: datetime | None
    until: datetime | None = Field(description="null: until somebody opens it")


class WaitAnswer(Answer):
    """What runs by itself.

    `change_unproved`: a change was tried without a proof; every address is told unless one comes. `loss`: all methods
    were reported lost; from `ends_at` until `lapses_at` one may be added without a proof. `rest`: the methods open
    every gate from `ends_at` on. `completion`: a password is being set.
    """

    what: Literal["change_unproved", "loss", "rest", "completion"]
    since: datetime | None
    ends_at: datetime | None
    lapses_at: datetime | None


class ActivationSeen(Answer):
    """An activation code, or the request for one. The code itself is shown to nobody again."""

    state: Literal["asked", "issued", "used"]
    expires_at: datetime | None
    asked_at: datetime | None
    asked_by: str = Field(description="the administrator who asked")
    reason: str


class PersonAnswer(Answer):
    """One person: the account in the directory, the registration, what is closed, what runs, and what to do next."""

    identifier: str
    names: tuple[str, ...] = Field(description="every name of the account in the directory, the shown one first")
    shared_names: tuple[str, ...] = Field(description="names that another account has too, so that they lead to nobody")
    state: Literal["enabled", "disabled", "left"] = Field(
        description="in the directory; left: no longer there, and something is kept about the person"
    )
    locked: bool = Field(description="the directory locked it after failed sign-ins")
    privileged: bool = Field(description="it has a role, so that a reset needs two gates")
    roles: tuple[RoleName, ...]
    managed_by: ManagedBy = Field(
        description="who manages the password: here none is set for accounts that another directory, another "
        "organisation or administrators manage"
    )
    has_password: bool = Field(description="it has, or had, a password")
    password_changed_at: datetime | None
    password_expires_at: datetime | None = Field(description="null: never, or the directory does not tell")
    methods: tuple[SeenMethod, ...]
    status: SignInStatus = Field(description="what a sign-in page asks of the person")
    lacks: tuple[Lack, ...] = Field(description="why more methods are asked for")
    ready: bool = Field(description="the methods that can be used now open every gate of a reset")
    confirmed_at: datetime | None = Field(description="when something was confirmed last")
    due_at: datetime | None = Field(description="when everything must be confirmed again")
    removed: tuple[RemovedContactAnswer, ...]
    closed: tuple[ClosedAnswer, ...]
    frozen_by: str = Field(description="the administrator who stopped self-service; empty after an objection")
    freeze_reason: str
    waits: tuple[WaitAnswer, ...]
    activation: ActivationSeen | None
    owed_notices: int = Field(description="messages about security events that are not sent to every address yet")
    next_step: NextStep
    advice: str = Field(description="the next step, in the language of `Accept-Language`")


class RevealRequest(Request):
    """Name the person and the contact, and say why it must be read."""

    identifier: Identifier
    method: WantedMethod
    reason: Reason


class RevealAnswer(Answer):
    """The contact in full. The person sees in the activity that it was shown."""

    method: MethodName
    contact: Annotated[str, Field(description="as its owner reads it")]


@endpoint(bp, "POST", "v1/admin/people/find", needs=Right.READ_PEOPLE, refuses=(NotFound,))
async def admin_find(call: Call, body: FindRequest) -> PersonAnswer:
    """Find a person by any name of the account, and show what is registered, closed, under way, and to be done."""
    from shared.messages.people import advice_on
    from shared.usecases.view_person import ViewPerson

    person = await call.service.use(ViewPerson)(call.bearer, body.identifier, call.trail)
    seen = {name: getattr(person, name) for name in PersonAnswer.model_fields if name != "advice"}
    return PersonAnswer.of({**seen, "advice": advice_on(person.next_step, call.language)})


@endpoint(bp, "POST", "v1/admin/people/reveal", needs=Right.REVEAL, refuses=(NotFound, Limited))
async def admin_reveal(call: Call, body: RevealRequest) -> RevealAnswer:
    """Show one contact of a person in full. Each time is an audit event, which the person sees in the activity."""
    from shared.usecases.reveal_contact import RevealContact

    reveal = call.service.use(RevealContact)
    contact = await reveal(call.bearer, body.identifier, body.method, body.reason, call.trail)
    return RevealAnswer(method=body.method, contact=contact)
