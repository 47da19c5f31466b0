"""HTTP: erase a person's registration, for an administrator."""

import azure.functions as func

from functions._contract import Reason
from functions._function import endpoint
from functions._http import Call
from shared.domain.errors import NotFound
from shared.domain.roles import Right
from shared.validation.fields import Identifier
from shared.validation.model import Answer, Request

bp = func.Blueprint()


class EraseRequest(Request):
    """Name the person about whom nothing is to be kept."""

    identifier: Identifier
    reason: Reason


class EraseAnswer(Answer):
    """Whether anything was kept; the audit log keeps its keyed digests, and the directory its account."""

    erased: bool


@endpoint(bp, "POST", "v1/admin/people/erase", needs=Right.ERASE, refuses=(NotFound,))
async def admin_erase(call: Call, body: EraseRequest) -> EraseAnswer:
    """Remove everything that is kept about one person; the directory's account stays."""
    from shared.usecases.erase import Erase

    erase = call.service.use(Erase)
    return EraseAnswer(erased=await erase(call.bearer, body.identifier, body.reason, call.trail))
