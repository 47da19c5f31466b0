"""HTTP: set a new password, end a lock, or get a Temporary Access Pass, with a reset token."""

import azure.functions as func
from pydantic.json_schema import SkipJsonSchema

from functions._capacity import Load
from functions._contract import omitted
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
from shared.validation.model import Request, SparseAnswer

bp = func.Blueprint()

REFUSES = (Refused, NotLocked, Frozen, PasswordRefused, Limited, TryAgain, UnderWay, OutcomeUnknown)


class CompleteRequest(Request):
    """Set the new password, or `unlock`: end the lock of the directory, or get a pass. One of the three."""

    reset_token: Token
    new_password: Candidate | None = None
    unlock: bool = False
    temporary_access_pass: bool = False


class CompleteAnswer(SparseAnswer):
    """Done. A Temporary Access Pass is in the answer to the request that asked for it, and nowhere else."""

    temporary_access_pass: str | SkipJsonSchema[None] = omitted(description="signs in once")
    minutes: int | SkipJsonSchema[None] = omitted(description="the life of the pass")


@endpoint(bp, "POST", "v1/reset/complete", refuses=REFUSES, load=Load.HASHES)
async def reset_complete(call: Call, body: CompleteRequest) -> CompleteAnswer:
    """Set the new password, or keep it: end a lock of the directory, or get a Temporary Access Pass."""
    from shared.domain.repeated_completion import Ending
    from shared.usecases.set_password import SetPassword

    wanted = [ending for ending in (Ending.UNLOCK, Ending.ACCESS_PASS) if getattr(body, ending)]
    if len(wanted) > 1 or (wanted and body.new_password is not None):
        raise InvalidInput(wanted[0], "not_allowed")
    if not wanted and body.new_password is None:
        raise InvalidInput("new_password", "missing")
    ends_in = wanted[0] if wanted else Ending.PASSWORD
    complete = call.service.use(SetPassword)
    issued = await complete(
        body.reset_token, body.new_password, call.trail_of_page, client=call.client, ends_in=ends_in
    )
    if not issued:
        return CompleteAnswer()
    minutes = call.service.adapters.policy.temporary_access_pass_minutes
    return CompleteAnswer(temporary_access_pass=issued, minutes=minutes)
