"""HTTP: sign in to register."""

from typing import List  # noqa: UP035  the worker knows `List`, not `list`, in Out[...]

import azure.functions as func

from functions._http import Call, respond
from shared.usecases.sign_in import SignIn
from shared.validation.answers import SessionAnswer
from shared.validation.identifier import canonical_identifier
from shared.validation.requests import SessionRequest

bp = func.Blueprint()


@bp.route("v1/session", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def session_start(req: func.HttpRequest, audit: func.Out[List[str]]) -> func.HttpResponse:  # noqa: UP006
    """Exchange a name and a password for a session token."""

    async def work(call: Call) -> SessionAnswer:
        body = call.body(SessionRequest)
        identifier = canonical_identifier(body.identifier)
        token, expires_at = await call.service.use(SignIn)(identifier, body.password, call.trail, client=call.client)
        return SessionAnswer(token=token, expires_at=expires_at)

    return await respond(req, work, audit=audit)
