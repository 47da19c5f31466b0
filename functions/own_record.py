"""HTTP: what happened to the signed-in person's account, and a copy of everything that is kept about them."""

from datetime import datetime
from typing import Annotated, Any, Literal

import azure.functions as func
from pydantic import Field

from functions._function import endpoint
from functions._http import Call
from functions._needs import Needs
from shared.domain.trail import Tag
from shared.validation.model import Answer

bp = func.Blueprint()


class EventAnswer(Answer):
    """One event. Network and device are those of the request; empty for an administrator's, and where there is none."""

    at: datetime
    what: Tag
    method: str
    by_administrator: bool
    network: str = Field(description="IPv4 /24 or IPv6 /48")
    device: str = Field(description="family only, such as `Firefox, Windows`")
    reference: str = Field(description="for the helpdesk")
    not_me: Literal["code", "helpdesk"] | None = Field(
        description="what to do if it was somebody else: enter the code from its notice, or tell the helpdesk"
    )


class ActivityAnswer(Answer):
    """The last events, newest first."""

    events: tuple[EventAnswer, ...]


Kept = Annotated[dict[str, Any], Field(description="names as in the tables of docs/privacy.md")]


class DataAnswer(Answer):
    """Everything that is kept about the person. No secret, hash or key is in it."""

    made_at: datetime
    directory: Kept
    registration: Kept
    activity: tuple[Kept, ...]


@endpoint(bp, "GET", "v1/me/activity", needs=Needs.SIGNED_IN)
async def me_activity(call: Call) -> ActivityAnswer:
    """What happened to my account lately."""
    from shared.usecases.view_activity import ViewActivity

    return ActivityAnswer.of({"events": await call.service.use(ViewActivity)(call.bearer)})


@endpoint(bp, "GET", "v1/me/data", needs=Needs.SIGNED_IN)
async def me_data(call: Call) -> DataAnswer:
    """A copy of everything that is kept about me."""
    from shared.usecases.copy_own_data import CopyOwnData

    return DataAnswer.of(await call.service.use(CopyOwnData)(call.bearer, call.trail))
