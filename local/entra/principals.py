"""What Graph tells an operator of service principals: permissions that were granted, and directory roles."""

import re
import uuid

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.entra.tenant import Tenant

GRAPH_APP = "00000003-0000-0000-c000-000000000000"
"""The application id of Microsoft Graph, the same in every tenant."""
APP = re.compile(r"appId eq '([0-9a-f-]{36})'")


class Principals:
    """The managed identity of the service, with any application id, and Microsoft Graph."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[Route]:
        """Return the endpoints. They are read by an operator, whose rights are not looked at."""
        return [
            Route("/v1.0/servicePrincipals", self._list),
            Route("/v1.0/servicePrincipals/{key}/appRoleAssignments", self._granted),
            Route("/v1.0/roleManagement/directory/roleAssignments", self._roles),
        ]

    async def _list(self, request: Request) -> Response:
        asked = APP.fullmatch(request.query_params.get("$filter", ""))
        if asked is None:
            return JSONResponse({"error": {"code": "Request_UnsupportedQuery", "message": ""}}, 400)
        of_graph = [{"value": name, "id": _id(name)} for name in self._tenant.every_permission]
        roles = {"appRoles": of_graph if asked[1] == GRAPH_APP else []}
        return JSONResponse({"value": [{"id": _id(asked[1]), **roles}]})

    async def _granted(self, request: Request) -> Response:
        del request
        return JSONResponse({"value": [{"appRoleId": _id(name)} for name in self._tenant.permissions]})

    async def _roles(self, request: Request) -> Response:
        del request
        return JSONResponse({"value": [{"roleDefinitionId": r, "directoryScopeId": "/"} for r in self._tenant.roles]})


def _id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))
