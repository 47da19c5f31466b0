"""HTTP: an administrator has a person's registration erased."""

from typing import List  # noqa: UP035  the worker knows `List`, not `list`, in Out[...]

import azure.functions as func

from functions._http import Call, respond
from shared.usecases.erase import Erase
from shared.validation.answers import EraseAnswer
from shared.validation.requests import EraseRequest

bp = func.Blueprint()


@bp.route("v1/admin/erase", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.queue_output("audit", queue_name="audit", connection="AzureWebJobsStorage")
async def admin_erase(req: func.HttpRequest, audit: func.Out[List[str]]) -> func.HttpResponse:  # noqa: UP006
    """Remove everything that is kept about one person; the directory's account stays."""

    async def work(call: Call) -> EraseAnswer:
        bearer, body = call.bearer, call.body(EraseRequest)
        return EraseAnswer(erased=await call.service.use(Erase)(bearer, body.identifier, call.trail))

    return await respond(req, work, audit=audit)
