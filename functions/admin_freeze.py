"""HTTP: stop self-service of a person and start it again, for an administrator."""

import azure.functions as func

from functions._contract import Reason
from functions._function import endpoint
from functions._http import Call
from shared.domain.errors import NotFound
from shared.domain.roles import Right
from shared.validation.fields import Identifier
from shared.validation.model import Answer, Request

bp = func.Blueprint()


class FreezeRequest(Request):
    """Name the person, and say why."""

    identifier: Identifier
    reason: Reason


class FreezeAnswer(Answer):
    """Whether it was open before."""

    frozen: bool


class ThawAnswer(Answer):
    """Whether it was frozen before, by an administrator or by an objection."""

    thawed: bool


@endpoint(bp, "POST", "v1/admin/people/freeze", needs=Right.FREEZE, refuses=(NotFound,))
async def admin_freeze(call: Call, body: FreezeRequest) -> FreezeAnswer:
    """Stop self-service: no reset and no change of methods until it is thawed. Sessions end, and the person is told."""
    from shared.usecases.freeze import Freeze

    freeze = call.service.use(Freeze)
    return FreezeAnswer(frozen=await freeze(call.bearer, body.identifier, body.reason, call.trail))


@endpoint(bp, "POST", "v1/admin/people/thaw", needs=Right.THAW, refuses=(NotFound,))
async def admin_thaw(call: Call, body: FreezeRequest) -> ThawAnswer:
    """Start self-service again, after a freeze or an objection. What was added lately rests, and the person is told."""
    from shared.usecases.freeze import Freeze

    freeze = call.service.use(Freeze)
    return ThawAnswer(thawed=await freeze.thaw(call.bearer, body.identifier, body.reason, call.trail))
