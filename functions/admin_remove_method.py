"""HTTP: remove a method of a person, for an administrator."""

import azure.functions as func
from pydantic import Field

from functions._contract import Reason, WantedMethod
from functions._function import endpoint
from functions._http import Call
from functions._registration import CredentialId
from shared.domain.errors import ActivationRequired, Limited, NotFound
from shared.domain.roles import Right
from shared.validation.fields import Identifier
from shared.validation.model import Answer, Request

bp = func.Blueprint()


class TakeRequest(Request):
    """Name the person and the method, and say why."""

    identifier: Identifier
    method: WantedMethod
    credential: CredentialId | None = Field(default=None, description="of `admin/people/find`; left out: a contact")
    reason: Reason


class TakeAnswer(Answer):
    """Removed."""

    last: bool = Field(
        description="no method is left that proves a change: adding one takes a wait (`me/loss`) or an activation"
    )


@endpoint(
    bp,
    "POST",
    "v1/admin/people/remove-method",
    needs=Right.REMOVE_METHOD,
    refuses=(NotFound, Limited, ActivationRequired),
)
async def admin_remove_method(call: Call, body: TakeRequest) -> TakeAnswer:
    """Remove a method. Every address is told, also the removed one, and can stop it for 72 hours.

    After the last one, adding another takes the wait of somebody who lost all, or an activation.
    """
    from shared.usecases.take_method import TakeMethod

    take, credential = call.service.use(TakeMethod), body.credential or ""
    last = await take(call.bearer, body.identifier, body.method, body.reason, call.trail, credential=credential)
    return TakeAnswer(last=last)
