"""HTTP: ask people to confirm what they registered again, for an administrator."""

from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Annotated

import azure.functions as func
from pydantic import BeforeValidator, Field

from functions._contract import MethodName, Reason
from functions._function import endpoint
from functions._http import Call
from shared.domain.errors import InvalidInput, NotFound, Refused
from shared.domain.reregistration import Renewals
from shared.domain.roles import Right
from shared.methods import ALL
from shared.validation.fields import WHOLE, Identifier, Token
from shared.validation.model import Answer, Request

bp = func.Blueprint()


class ReregisterRequest(Request):
    """Name the person who must confirm methods again, or whose methods somebody else may have."""

    identifier: Identifier
    method: MethodName | None = Field(default=None, description="only this one; left out: every method")
    compromised: bool = Field(
        default=False,
        description="they prove nothing any more, and only an activation code confirms them again",
    )
    reason: Reason


class ReregisterAnswer(Answer):
    """Whether there was anything to be confirmed again, or to be declared compromised."""

    asked: bool


@endpoint(bp, "POST", "v1/admin/people/reregister", needs=Right.REREGISTER, refuses=(NotFound,))
async def admin_reregister(call: Call, body: ReregisterRequest) -> ReregisterAnswer:
    """Ask a person to confirm methods again. Until then they reset no password, and still prove a change.

    Declared `compromised`, they prove nothing, and every address is told. The person sets up methods with an activation
    code (`admin/people/activate`), which is to be issued afterwards, or changes them with a proof by one that is left.
    """
    from shared.usecases.require_registration import RequireRegistration

    require = call.service.use(RequireRegistration)
    wanted = Renewals(method=_known(body.method), compromised=body.compromised)
    asked = await require(call.bearer, body.identifier, body.reason, call.trail, wanted)
    return ReregisterAnswer(asked=asked)


def _known(method: str | None) -> str:
    """Return the name, or "" for every method. Raises InvalidInput for a mistyped one, which would protect nobody."""
    if method is not None and method not in ALL:
        raise InvalidInput("method", "not_offered")
    return method or ""


def _day(text: object) -> object:
    """Return the day of `2026-01-31` and no other form of it; what is none is refused by its type."""
    with suppress(ValueError):
        if isinstance(text, str) and date.fromisoformat(text).isoformat() == text:
            return date.fromisoformat(text)
    return text


Day = Annotated[date, BeforeValidator(_day)]


class ReregisterManyRequest(Request):
    """Ask the people of a list, or everybody, a page at a time: repeat with `next` until it is null.

    By group: list its people, `dry_run` counts and writes nothing.
    """

    identifiers: Annotated[list[Identifier], Field(min_length=1, max_length=1000)] | None = Field(
        default=None, description="left out: everybody"
    )
    method: MethodName | None = Field(default=None, description="only these; left out: every method")
    registered_before: Day | None = Field(default=None, description="only what was registered before this day (UTC)")
    days: Annotated[int, Field(ge=0, le=90), WHOLE] | None = Field(
        default=None, description="for how long it still opens gates; left out: `reregister_days`"
    )
    dry_run: bool = False
    reason: Reason
    next: Token | None = Field(default=None, description="what the last answer about everybody gave")


class ReregisterManyAnswer(Answer):
    """How many were asked, or would be. Places in the list are counted from 1."""

    asked: int
    unchanged: int
    unknown: tuple[int, ...] = Field(description="the places of names that nobody has")
    refused: tuple[int, ...] = Field(description="the places of your own account, and of those outside your scope")
    next: str | None


@endpoint(
    bp,
    "POST",
    "v1/admin/people/reregister/many",
    needs=Right.REREGISTER_MANY,
    refuses=(Refused,),
    body_kib=lambda policy: policy.prefill_body_kib,
)
async def admin_reregister_many(call: Call, body: ReregisterManyRequest) -> ReregisterManyAnswer:
    """Ask many people, or everybody, to confirm methods again."""
    from shared.usecases.require_registrations import RequireRegistrations

    require, days = call.service.use(RequireRegistrations), body.days
    before = datetime.combine(body.registered_before, time(), UTC) if body.registered_before else None
    policy = call.service.settings.policy
    wanted = Renewals(method=_known(body.method), before=before, days=policy.reregister_days if days is None else days)
    how = wanted, body.reason, call.trail
    if body.identifiers is None:
        asked = await require.everybody(call.bearer, body.next, *how, dry_run=body.dry_run)
    else:
        asked = await require.named(call.bearer, body.identifiers, *how, dry_run=body.dry_run)
    return ReregisterManyAnswer.of(asked)
