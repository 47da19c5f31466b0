"""HTTP: issue, approve and revoke an activation code, for an administrator."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import azure.functions as func
from pydantic import Field

from functions._contract import ACTIVATION_PAGE, Reason
from functions._function import endpoint
from functions._http import Call
from shared.domain.activation import shown
from shared.domain.errors import NotFound
from shared.domain.roles import Right
from shared.validation.fields import Identifier
from shared.validation.model import Answer, Request

if TYPE_CHECKING:  # not at a cold start
    from shared.usecases.activate import Outcome

bp = func.Blueprint()


class ActivateRequest(Request):
    """Name the person for whom a code is to be issued, and say why."""

    identifier: Identifier
    reason: Annotated[
        Reason | None, Field(description="left out: only what waits for a second administrator is shown")
    ] = None


class ApproveRequest(Request):
    """Approve what another administrator asked for: the `request` of `admin/people/activate`."""

    identifier: Identifier
    request: Annotated[str, Field(min_length=1, max_length=32)]
    reason: Reason


class RevokeRequest(Request):
    """Name the person whose code, or request for one, is to end."""

    identifier: Identifier
    reason: Reason


class ActivateAnswer(Answer):
    """Issued: the code, shown this once. Waiting: a second administrator must approve `request`."""

    state: Literal["issued", "waiting"]
    identifier: str
    code: str | None = Field(description="in groups, to be given to the person and to nobody else")
    expires_at: datetime | None = Field(description="when the code expires")
    request: str | None
    asked_by: str | None = Field(description="the administrator who asked")
    own: bool = Field(description="that is the caller, so another one must approve")
    asked_at: datetime | None
    reason: str
    first_password: bool = Field(description="the person never had a password here, and will choose the first one")
    language: str | None = Field(description="that of messages to the person")
    page: str = Field(description="the address where the code is entered; it is all that a QR code may hold")
    organisation: str
    helpdesk: str = Field(description="a phone number or an email address; empty if there is none")


class RevokeAnswer(Answer):
    """Whether there was a code or a request."""

    revoked: bool


def _answer(call: Call, outcome: "Outcome") -> ActivateAnswer:
    settings = call.service.settings
    return ActivateAnswer(
        state=outcome.state,
        identifier=outcome.identifier,
        code=shown(outcome.code) if outcome.code is not None else None,
        expires_at=outcome.expires_at,
        request=outcome.request,
        asked_by=outcome.asked_by,
        own=outcome.own,
        asked_at=outcome.asked_at,
        reason=outcome.reason,
        first_password=outcome.first_password,
        language=outcome.language,
        page=settings.web_origin + ACTIVATION_PAGE,
        organisation=settings.organisation.name,
        helpdesk=settings.organisation.helpdesk,
    )


@endpoint(bp, "POST", "v1/admin/people/activate", needs=Right.ACTIVATE, refuses=(NotFound,))
async def admin_activate(call: Call, body: ActivateRequest) -> ActivateAnswer:
    """Issue an activation code, or ask a second administrator to where the person ever had a method, or has a role."""
    from shared.usecases.activate import Activate

    outcome = await call.service.use(Activate)(call.bearer, body.identifier, body.reason, call.trail)
    return _answer(call, outcome)


@endpoint(bp, "POST", "v1/admin/people/activate/approve", needs=Right.ACTIVATE, refuses=(NotFound,))
async def admin_activate_approve(call: Call, body: ApproveRequest) -> ActivateAnswer:
    """Approve what another administrator asked for; the code is in the answer, and nowhere else."""
    from shared.usecases.activate import Activate

    outcome = await call.service.use(Activate).approve(
        call.bearer, body.identifier, body.request, body.reason, call.trail
    )
    return _answer(call, outcome)


@endpoint(bp, "POST", "v1/admin/people/activate/revoke", needs=Right.ACTIVATE, refuses=(NotFound,))
async def admin_activate_revoke(call: Call, body: RevokeRequest) -> RevokeAnswer:
    """End a person's code, or the request for one, and what was opened with it."""
    from shared.usecases.revoke_activation import RevokeActivation

    revoke = call.service.use(RevokeActivation)
    return RevokeAnswer(revoked=await revoke(call.bearer, body.identifier, body.reason, call.trail))
