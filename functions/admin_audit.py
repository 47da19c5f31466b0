"""HTTP: search the audit log, for an administrator."""

from datetime import datetime
from typing import Annotated, Any

import azure.functions as func
from pydantic import AwareDatetime, BeforeValidator, Field

from functions._contract import REFERENCE
from functions._function import endpoint
from functions._http import Call
from shared.domain.audit_schema import NAMES, Result, Schema
from shared.domain.errors import InvalidInput, Refused
from shared.domain.roles import Right
from shared.domain.trail import Tag
from shared.validation.fields import WHOLE, Identifier, Token
from shared.validation.model import Answer, Request

bp = func.Blueprint()

MOST = 500
"""Events of one page."""


def _time(text: object) -> object:
    """Return the moment of `2026-01-31T08:00:00Z`; what is none is refused by its type."""
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else text
    except ValueError:
        return text


def _reference(text: object) -> object:
    """Return a reference as it is read out and typed: with blanks, hyphens and capitals."""
    return "".join(text.split()).replace("-", "").lower() if isinstance(text, str) else text


Moment = Annotated[AwareDatetime, BeforeValidator(_time), Field(description="ISO 8601 with a zone")]


class AuditRequest(Request):
    """Say what to look for; with nothing, everything of the last 31 days.

    The first of reference, person and actor decides which rows are read; the others, actions and result only choose
    among them. A page that chooses looks at 2,000 events, so it may be empty and still have a `next`.
    """

    reference: Annotated[str, BeforeValidator(_reference), Field(pattern=REFERENCE)] | None = Field(
        default=None, description="what a person tells the helpdesk"
    )
    person: Identifier | None = Field(default=None, description="what happened to this account")
    actor: Identifier | None = Field(default=None, description="what this administrator did")
    actions: Annotated[list[str], Field(min_length=1, max_length=100)] | None = Field(
        default=None, json_schema_extra={"items": {"type": "string", "enum": [tag.value for tag in Tag]}}
    )
    result: str | None = Field(default=None, json_schema_extra={"enum": [*Result]})
    since: Moment | None = None
    until: Moment | None = Field(default=None, description="not included; left out: now")
    most: Annotated[int, Field(ge=1, le=MOST), WHOLE] = 100
    next: Token | None = Field(
        default=None, description="what the last page gave: it goes on there, and only `actions` and `result` count"
    )


def _asim(field: str, about: str = "") -> Any:
    """Return a field whose description names those of Microsoft Sentinel."""
    names = ", ".join(NAMES.get(field, ("AdditionalFields",)))
    return Field(description=f"{about + '. ' if about else ''}ASIM: {names}")


class EventAnswer(Answer):
    """One event, without contact, code or password. `asim_schema` and `asim_type`: see docs/audit-schema.md."""

    id: str = _asim("id", "unique")
    at: datetime = _asim("at")
    action: Tag = _asim("action")
    result: Result = _asim("result")
    asim_schema: Schema = _asim("asim_schema")
    asim_type: str = _asim("asim_type")
    person: str = _asim("person", "whose account it is; empty for a name of nobody, and where nobody knows any more")
    person_id: str = _asim("person_id", "the immutable id in the directory")
    person_key: str = _asim("person_key", "the same for all events of an account")
    actor: str = _asim("actor", "the administrator who did it; empty where it was the person, or anybody")
    actor_id: str = _asim("actor_id")
    actor_key: str = _asim("actor_key")
    method: str = _asim("method")
    cause: str = _asim("cause", "a stable word")
    reason: str = _asim("reason", "why staff did it, as they typed it")
    reference: str = _asim("reference", "what the person can tell the helpdesk")
    verification: str = _asim("verification", "the same for all steps of one reset")
    network: str = _asim("network", "as `audit_addresses` says; a whole address is SrcIpAddr")
    client: str = _asim("client", "keyed digest of the address")
    device: str = _asim("device")


class AuditAnswer(Answer):
    """A page of events, newest first."""

    events: tuple[EventAnswer, ...]
    next: str | None


@endpoint(bp, "POST", "v1/admin/audit", needs=Right.READ_AUDIT, refuses=(Refused,))
async def admin_audit(call: Call, body: AuditRequest) -> AuditAnswer:
    """Search the audit log: by person, actor, reference, action, result and time. The search itself is recorded."""
    from shared.usecases.search_audit import Search, SearchAudit

    search = Search(
        reference=body.reference or "",
        person=body.person,
        actor=body.actor,
        actions=frozenset(_one_of(Tag, action, "actions") for action in body.actions or ()),
        result=_one_of(Result, body.result, "result") if body.result else None,
        since=body.since,
        until=body.until,
    )
    found = await call.service.use(SearchAudit)(call.bearer, search, call.trail, most=body.most, after=body.next)
    return AuditAnswer.of(found)


def _one_of(kind: Any, word: str, field: str) -> Any:
    try:
        return kind(word)
    except ValueError:
        raise InvalidInput(field, "unknown") from None
