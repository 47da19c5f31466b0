"""HTTP: tell a sign-in page whether the signed-in person must register or reconfirm."""

from typing import Literal

import azure.functions as func

from functions._function import Role, endpoint
from functions._http import Call
from shared.validation.model import Answer

bp = func.Blueprint()


class StatusAnswer(Answer):
    """What the sign-in page has to ask for."""

    status: Literal["must_register", "must_reconfirm", "fine"]


@endpoint(bp, "GET", "v1/registration/status", role=Role.SIGNED_IN)
async def registration_status(call: Call) -> StatusAnswer:
    """Must this person register or reconfirm?

    Only a caller with a session gets an answer (rule 18).
    """
    from shared.usecases.view_registration import ViewRegistration

    return StatusAnswer.of({"status": await call.service.use(ViewRegistration).status(call.bearer)})
