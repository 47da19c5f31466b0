"""HTTP: is this instance alive, and can it do its work?"""

import azure.functions as func

from functions._http import Call, respond
from shared.validation.answers import HealthAnswer

bp = func.Blueprint()


@bp.route("v1/health/live", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health_live(req: func.HttpRequest) -> func.HttpResponse:
    """Answers as long as the process does and its settings are sound."""

    async def work(_call: Call) -> HealthAnswer:
        return HealthAnswer(status="ok")

    return await respond(req, work)


@bp.route("v1/health/ready", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health_ready(req: func.HttpRequest) -> func.HttpResponse:
    """Reads one row that does not exist; says nothing about what is behind."""

    async def work(call: Call) -> HealthAnswer:
        await call.service.adapters.names.find("health")
        return HealthAnswer(status="ok")

    return await respond(req, work)
