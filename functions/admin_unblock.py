"""HTTP: open again what is closed for a person, for an administrator."""

import azure.functions as func

from functions._function import Role, endpoint
from functions._http import Call
from shared.validation.fields import Identifier
from shared.validation.model import Answer, Request

bp = func.Blueprint()


class UnblockRequest(Request):
    """Name the person whose methods and sign-in are to be opened again."""

    identifier: Identifier


class UnblockAnswer(Answer):
    """Whether anything was closed."""

    unblocked: bool


@endpoint(bp, "POST", "v1/admin/unblock", role=Role.ADMINISTRATOR)
async def admin_unblock(call: Call, body: UnblockRequest) -> UnblockAnswer:
    """Open suspended methods and sign-in again. A freeze stays. Every session of the person ends."""
    from shared.usecases.unblock import Unblock

    return UnblockAnswer(unblocked=await call.service.use(Unblock)(call.bearer, body.identifier, call.trail))
