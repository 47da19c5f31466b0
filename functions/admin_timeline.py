"""HTTP: what happened to one person, for an administrator."""

from datetime import datetime
from typing import Annotated

import azure.functions as func
from pydantic import Field

from functions._function import endpoint
from functions._http import Call
from shared.domain.audit_schema import Result
from shared.domain.errors import NotFound, Refused
from shared.domain.roles import Right
from shared.domain.trail import Tag
from shared.validation.fields import WHOLE, Identifier, Token
from shared.validation.model import Answer, Request

bp = func.Blueprint()


class TimelineRequest(Request):
    """Any name of the account, and which page. A page looks at 2,000 events, so it may be short and have a `next`."""

    identifier: Identifier
    most: Annotated[int, Field(ge=1, le=200), WHOLE] = 50
    steps: bool = Field(
        default=False, description="also steps on the way, such as codes that were sent, and who looked"
    )
    next: Token | None = Field(default=None, description="what the last page of this person gave")


class TimelineEvent(Answer):
    """One event. `admin/audit` finds more of it by its reference."""

    at: datetime
    action: Tag
    words: str = Field(description="the action in the language of `Accept-Language`; empty for a step on the way")
    result: Result
    actor: str = Field(description="the administrator who did it; empty where it was the person, or anybody")
    by_staff: bool
    method: str
    cause: str = Field(description="a stable word, where there is one")
    reason: str = Field(description="why staff did it, as they typed it")
    network: str
    device: str
    reference: str


class TimelineAnswer(Answer):
    """A page of events, newest first."""

    events: tuple[TimelineEvent, ...]
    next: str | None


@endpoint(bp, "POST", "v1/admin/people/timeline", needs=Right.READ_PEOPLE, refuses=(NotFound, Refused))
async def admin_timeline(call: Call, body: TimelineRequest) -> TimelineAnswer:
    """What happened to one person, newest first, a page at a time. Whoever looks leaves an event."""
    from shared.messages.people import words_of
    from shared.usecases.view_timeline import ViewTimeline

    view = call.service.use(ViewTimeline)
    page = await view(call.bearer, body.identifier, call.trail, most=body.most, after=body.next, steps=body.steps)
    names = TimelineEvent.model_fields.keys() - {"words", "by_staff"}
    events = [
        {
            **{name: getattr(event, name) for name in names},
            "words": words_of(event.action, call.language),
            "by_staff": bool(event.actor_key),
        }
        for event in page.events
    ]
    return TimelineAnswer.of({"events": events, "next": page.next})
