"""HTTP: ask a person to confirm every method again, for an administrator."""

import azure.functions as func

from functions._function import Role, endpoint
from functions._http import Call
from shared.validation.fields import Identifier
from shared.validation.model import Answer, Request

bp = func.Blueprint()


class ReregisterRequest(Request):
    """Name the person who must confirm every method again."""

    identifier: Identifier


class ReregisterAnswer(Answer):
    """Whether there was anything to be confirmed again."""

    asked: bool


@endpoint(bp, "POST", "v1/admin/reregister", role=Role.ADMINISTRATOR)
async def admin_reregister(call: Call, body: ReregisterRequest) -> ReregisterAnswer:
    """Ask a person to confirm every method again. Until then none resets the password; each still proves a change."""
    from shared.usecases.require_registration import RequireRegistration

    require = call.service.use(RequireRegistration)
    return ReregisterAnswer(asked=await require(call.bearer, body.identifier, call.trail))
