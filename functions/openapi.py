"""HTTP: return the OpenAPI document of this build."""

from functools import cache
from typing import Any

import azure.functions as func

from functions._function import endpoint
from functions._http import Call

bp = func.Blueprint()


@endpoint(bp, "GET", "v1/openapi.json", load=None)
async def openapi_document(_call: Call) -> dict[str, Any]:
    """Describe this API, from the same functions and models that judge the requests."""
    return _document()


@cache
def _document() -> dict[str, Any]:
    """Return the document, made once: anybody can ask for it without a place and without a limit."""
    from functions._openapi import document  # cold start

    return document()
