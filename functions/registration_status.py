"""HTTP: what a sign-in page asks about the person who has just signed in."""

import azure.functions as func

from functions._http import Call, respond
from shared.usecases.view_registration import ViewRegistration
from shared.validation.answers import StatusAnswer

bp = func.Blueprint()


@bp.route("v1/registration/status", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def registration_status(req: func.HttpRequest) -> func.HttpResponse:
    """Must this person register or reconfirm? Answers only a proven caller (rule 18)."""

    async def work(call: Call) -> StatusAnswer:
        return StatusAnswer(status=await call.service.use(ViewRegistration).status(call.bearer))

    return await respond(req, work)
