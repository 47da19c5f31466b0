"""HTTP: set a new password, or end a lock, with a reset token."""

import azure.functions as func

from functions._capacity import Load
from functions._contract import EmptyAnswer
from functions._function import endpoint
from functions._http import Call
from shared.domain.errors import (
    Frozen,
    InvalidInput,
    Limited,
    NotLocked,
    OutcomeUnknown,
    PasswordRefused,
    Refused,
    TryAgain,
    UnderWay,
)
from shared.validation.fields import Candidate, Token
from shared.validation.model import Request

bp = func.Blueprint()

REFUSES = (Refused, NotLocked, Frozen, PasswordRefused, Limited, TryAgain, UnderWay, OutcomeUnknown)


class CompleteRequest(Request):
    """Set the new password, or `unlock`: end the lock of the directory and keep the password. One of the two."""

    reset_token: Token
    new_password: Candidate | None = None
    unlock: bool = False


@endpoint(bp, "POST", "v1/reset/complete", refuses=REFUSES, load=Load.HASHES)
async def reset_complete(call: Call, body: CompleteRequest) -> EmptyAnswer:
    """Set the new password, or end a lock of the directory and keep the password."""
    from shared.usecases.set_password import SetPassword

    if body.unlock and body.new_password is not None:
        raise InvalidInput("unlock", "not_allowed")
    if not body.unlock and body.new_password is None:
        raise InvalidInput("new_password", "missing")
    await call.service.use(SetPassword)(body.reset_token, body.new_password, call.trail_of_page, client=call.client)
    return EmptyAnswer()
