"""HTTP: who can reset a password by themselves, and who is not ready, for staff."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import azure.functions as func
from pydantic import Field

from functions._function import endpoint
from functions._http import Call
from shared.domain.errors import Refused
from shared.domain.gates import Lack
from shared.domain.roles import Right
from shared.validation.fields import WHOLE, Token
from shared.validation.model import Answer, Request

bp = func.Blueprint()


class ShareAnswer(Answer):
    """The sums of everybody, or of a group of the directory. All but `people` count enabled accounts only."""

    group: str = Field(description="as the directory names it; empty for everybody")
    people: int = Field(description="accounts that the service knows: prefilled, registered, or in its own directory")
    enabled: int = Field(description="the directory lets them sign in")
    registered: int = Field(description="and they have confirmed all that a registration asks for")
    capable: int = Field(description="and their methods could pass the gates of a reset today (UTC)")
    waiting: int = Field(description="not registered, and something was supplied that they have to confirm")
    methods: Mapping[str, int] = Field(description="who has confirmed which method")


class CoverageAnswer(Answer):
    """The coverage of now."""

    everybody: ShareAnswer
    groups: tuple[ShareAnswer, ...] = Field(description="where the directory tells groups")
    recounted_at: datetime | None
    is_current: bool = Field(description="everybody was counted with the policy of now; if not: recount")


class NotReadyRequest(Request):
    """List them a page at a time: repeat with `next` until it is null."""

    most: Annotated[int, Field(ge=1, le=500), WHOLE] = 200
    next: Token | None = None


class NotReadyPersonAnswer(Answer):
    """Somebody who should be asked to register."""

    identifier: str = Field(description="empty while the directory does not answer")
    methods: tuple[str, ...] = Field(description="confirmed")
    waiting: tuple[str, ...] = Field(description="supplied, and to be confirmed by the person")
    lacks: tuple[Lack, ...] = Field(description="what the registration needs")
    groups: tuple[str, ...]


class NotReadyAnswer(Answer):
    """Those who are enabled and not registered, of all that the service knows."""

    people: tuple[NotReadyPersonAnswer, ...]
    next: str | None


class RecountRequest(Request):
    """Count the next portion: repeat with `next` until it is null."""

    next: Token | None = None


class RecountAnswer(Answer):
    """What this portion did."""

    people: int
    corrected: int = Field(description="how many of them were counted otherwise")
    sums_corrected: bool
    share: float = Field(ge=0, le=1, description="how much of the whole is done")
    next: str | None


@endpoint(bp, "GET", "v1/admin/coverage", needs=Right.READ_COVERAGE)
async def admin_coverage(call: Call) -> CoverageAnswer:
    """Show how many people can reset a password by themselves, by method and by group."""
    from shared.usecases.view_coverage import ViewCoverage

    return CoverageAnswer.of(await call.service.use(ViewCoverage)(call.bearer, call.trail))


@endpoint(bp, "POST", "v1/admin/coverage/not-ready", needs=Right.READ_COVERAGE, refuses=(Refused,))
async def admin_coverage_not_ready(call: Call, body: NotReadyRequest) -> NotReadyAnswer:
    """List the people who are not ready."""
    from shared.usecases.view_coverage import ViewCoverage

    listed = await call.service.use(ViewCoverage).not_ready(call.bearer, body.next, body.most, call.trail)
    return NotReadyAnswer.of(listed)


@endpoint(bp, "POST", "v1/admin/coverage/recount", needs=Right.RECOUNT, refuses=(Refused,))
async def admin_coverage_recount(call: Call, body: RecountRequest) -> RecountAnswer:
    """Count everybody again, a portion at a time."""
    from shared.usecases.recount import RecountCoverage

    return RecountAnswer.of(await call.service.use(RecountCoverage)(call.bearer, body.next, call.trail))
