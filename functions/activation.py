"""HTTP: activate an account with the code that an administrator issued."""

from datetime import datetime
from typing import Annotated

import azure.functions as func
from pydantic import Field

from functions._capacity import Load
from functions._contract import Seconds, SessionAnswer
from functions._function import endpoint
from functions._http import Call
from functions._needs import Needs
from shared.domain.activation import LENGTH
from shared.domain.errors import BotCheckRequired, Frozen, Limited, OutcomeUnknown, PasswordRefused, Refused
from shared.validation.fields import BotCheckSolution, Candidate, Identifier
from shared.validation.model import Answer, Request

bp = func.Blueprint()

ActivationCode = Annotated[
    str,
    Field(
        min_length=LENGTH,
        max_length=2000,
        description="the code from the letter as typed; blanks and hyphens are ignored, O is 0, I and L are 1",
    ),
]


class ActivationRequest(Request):
    """The name of the account, and the activation code."""

    identifier: Identifier
    code: ActivationCode
    bot_check: BotCheckSolution | None = None


class ActivationAnswer(Answer):
    """A token, sent as `Authorization: Bearer`, that views and registers methods and sets a first password only."""

    token: str
    expires_at: datetime
    expires_in: Seconds
    first_password: bool = Field(description="there never was a password, and `activation/password` sets one")


class FirstPasswordRequest(Request):
    """Choose the first password."""

    new_password: Candidate


@endpoint(bp, "POST", "v1/activation", refuses=(Refused, BotCheckRequired, Limited), load=Load.BEGINS)
async def activation_open(call: Call, body: ActivationRequest) -> ActivationAnswer:
    """Exchange a name and an activation code for a token; the code is spent by the first confirmation only."""
    from shared.usecases.open_activation import OpenActivation

    opened = await call.service.use(OpenActivation)(
        body.identifier, body.code, call.client, call.trail_of_page, solution=body.bot_check or ""
    )
    return ActivationAnswer(
        token=opened.token,
        expires_at=opened.expires_at,
        expires_in=opened.expires_in,
        first_password=opened.first_password,
    )


@endpoint(
    bp,
    "POST",
    "v1/activation/password",
    needs=Needs.ACTIVATED,
    refuses=(Refused, Frozen, PasswordRefused, Limited, OutcomeUnknown),
    load=Load.HASHES,
)
async def activation_password(call: Call, body: FirstPasswordRequest) -> SessionAnswer:
    """Set the first password of an account that never had one; the activation goes on with the token in the answer."""
    from shared.usecases.set_first_password import SetFirstPassword

    token, expires_at, expires_in = await call.service.use(SetFirstPassword)(
        call.bearer, body.new_password, call.trail_of_page, client=call.client
    )
    return SessionAnswer(token=token, expires_at=expires_at, expires_in=expires_in)
