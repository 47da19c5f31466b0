"""HTTP: set a new password with a reset token."""

import azure.functions as func

from functions._capacity import Load
from functions._contract import EmptyAnswer
from functions._function import endpoint
from functions._http import Call
from shared.domain.errors import Frozen, Limited, OutcomeUnknown, PasswordRefused, Refused, TryAgain, UnderWay
from shared.validation.fields import Candidate, Token
from shared.validation.model import Request

bp = func.Blueprint()

REFUSES = (Refused, Frozen, PasswordRefused, Limited, TryAgain, UnderWay, OutcomeUnknown)


class CompleteRequest(Request):
    """Set the new password."""

    reset_token: Token
    new_password: Candidate


@endpoint(bp, "POST", "v1/reset/complete", refuses=REFUSES, load=Load.HASHES)
async def reset_complete(call: Call, body: CompleteRequest) -> EmptyAnswer:
    """Set the new password."""
    from shared.usecases.set_password import SetPassword

    await call.service.use(SetPassword)(body.reset_token, body.new_password, call.trail_of_page, client=call.client)
    return EmptyAnswer()
