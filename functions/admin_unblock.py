"""HTTP: open again what is closed for a person, for an administrator."""

import azure.functions as func

from functions._contract import Reason
from functions._function import endpoint
from functions._http import Call
from shared.domain.errors import NotFound
from shared.domain.roles import Right
from shared.validation.fields import Identifier
from shared.validation.model import Answer, Request

bp = func.Blueprint()


class UnblockRequest(Request):
    """Name the person whose methods and sign-in are to be opened again."""

    identifier: Identifier
    reason: Reason


class UnblockAnswer(Answer):
    """Whether anything was closed."""

    unblocked: bool


@endpoint(bp, "POST", "v1/admin/people/unblock", needs=Right.UNBLOCK, refuses=(NotFound,))
async def admin_unblock(call: Call, body: UnblockRequest) -> UnblockAnswer:
    """Open suspended methods and sign-in again. A freeze stays. Every session of the person ends."""
    from shared.usecases.unblock import Unblock

    unblock = call.service.use(Unblock)
    return UnblockAnswer(unblocked=await unblock(call.bearer, body.identifier, body.reason, call.trail))
