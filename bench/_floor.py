"""The floor of a cold start: the smallest app with the same libraries that reads one row as the service does on Azure.

It has one HTTP function, one pydantic model, a managed identity and a table client. `bench.coldstart` compares the
service with it: the time that the service takes beyond this is its own.
"""

import os
from functools import cache

import azure.functions as func
from azure.data.tables.aio import TableClient
from azure.identity.aio import ManagedIdentityCredential
from pydantic import BaseModel

TABLE = KEY = "Floor"

app = func.FunctionApp()


class Question(BaseModel):
    """The body of the request."""

    identifier: str


@cache
def table() -> TableClient:
    """Return the client, made with the first request and kept open."""
    credential = ManagedIdentityCredential(client_id=os.environ["AZURE_CLIENT_ID"])
    endpoint = os.environ["AzureWebJobsStorage__tableServiceUri"]  # noqa: SIM112  the platform's name
    return TableClient(endpoint, TABLE, credential=credential)


@app.route("floor", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def floor(req: func.HttpRequest) -> func.HttpResponse:
    """Read one row by its key."""
    asked = Question.model_validate_json(req.get_body())
    row = await table().get_entity(KEY, KEY)
    return func.HttpResponse(f"{asked.identifier} {row['account']}")
