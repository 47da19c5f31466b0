"""HTTP: tell a sign-in page whether the signed-in person must register or reconfirm, and where to send them."""

from datetime import datetime
from typing import Annotated

import azure.functions as func
from pydantic import Field

from functions._function import endpoint
from functions._http import Call
from functions._needs import Needs
from shared.domain.sign_in_status import SignInStatus
from shared.validation.model import Answer, Request

bp = func.Blueprint()

ROUTE = "v1/registration/status"

# Longer than any that is allowed: such an address is refused like every other one.
AddressText = Annotated[str, Field(max_length=2000, description="one of SESAME_RETURN_ADDRESSES, written as there")]


class StatusRequest(Request):
    """Where the application wants the person back."""

    return_to: AddressText | None = None


class StatusAnswer(Answer):
    """What the sign-in page has to ask for."""

    status: SignInStatus
    required: bool = Field(description="the person must not go on before it is done")
    needs_activation: bool = Field(
        description="it takes an activation code first; the page says so (`admin/people/reregister`)"
    )
    skip_until: datetime | None = Field(description="until when they may put it off; null if required or endless")
    register_at: str = Field(description="where to send the person; it leads back to `return_to`")
    return_to: str | None = Field(description="the allowed address, to which to send the person")
    return_name: str | None = Field(description="the name of the application there")


@endpoint(bp, "GET", ROUTE, needs=Needs.SIGNED_IN)
async def registration_status(call: Call) -> StatusAnswer:
    """Must this person register or reconfirm?

    Only a caller with a session gets an answer (rule 18).
    """
    return await _asked(call, None)


@endpoint(bp, "POST", ROUTE, needs=Needs.SIGNED_IN)
async def registration_status_return(call: Call, body: StatusRequest) -> StatusAnswer:
    """Must this person register or reconfirm, and may they come back to this address?

    An address that is not on the operator's list is `bad_input`.
    """
    return await _asked(call, body.return_to)


async def _asked(call: Call, return_to: str | None) -> StatusAnswer:
    from shared.usecases.ask_at_sign_in import AskAtSignIn

    return StatusAnswer.of(await call.service.use(AskAtSignIn)(call.bearer, return_to, call.trail))
