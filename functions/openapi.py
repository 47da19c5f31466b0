"""HTTP: the OpenAPI document of this very build."""

import azure.functions as func

from functions._http import Call, respond

bp = func.Blueprint()


@bp.route("v1/openapi.json", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def openapi_document(req: func.HttpRequest) -> func.HttpResponse:
    """Made from the same models that judge the requests."""

    async def work(_call: Call) -> object:
        from shared.validation.openapi import document  # cold start

        return document()

    return await respond(req, work)
