"""The requests of Microsoft Graph (v1.0) that a service with application permissions makes, and how it refuses.

Long: one short function for each request, and the texts of the refusals.
"""

import asyncio
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.entra import tenant as permission
from local.entra.faults import Fault, take
from local.entra.tenant import Tenant, User
from local.entra.tokens import Signer
from local.standin.transport import drop

SLOW_SECONDS = 15.0
DEFAULT = ("businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone", "officeLocation",
           "preferredLanguage", "surname", "userPrincipalName")  # fmt: skip
"""What Graph tells of a user where `$select` asks for nothing (Microsoft Graph, "user resource type")."""
LITERAL = r"'((?:[^']|'')*)'"
FILTER = re.compile(rf"(userPrincipalName|mail) eq {LITERAL}")
TOO_WEAK = (
    "The specified password does not comply with password complexity requirements. Please provide a different password."
)
DENIED = "Insufficient privileges to complete the operation."

Endpoint = Callable[[Request], Awaitable[Response]]


def error(status: int, code: str, message: str, **headers: str) -> JSONResponse:
    """Return an error in Graph's format."""
    request_id = str(uuid.uuid4())
    shape = {"code": code, "message": message, "innerError": {"date": "", "request-id": request_id}}
    return JSONResponse({"error": shape}, status, {"request-id": request_id, **headers})


class Graph:
    """Endpoints below `/v1.0`."""

    def __init__(self, tenant: Tenant, signer: Signer) -> None:
        self._tenant = tenant
        self._signer = signer

    def routes(self) -> list[Route]:
        """Return the endpoints, each with the check of the token."""
        user = "/v1.0/users/{key}"
        methods = f"{user}/authentication"
        return [
            self._route("GET", "/v1.0/users", self._list),
            self._route("GET", user, self._get),
            self._route("PATCH", user, self._patch),
            self._route("POST", f"{user}/revokeSignInSessions", self._revoke),
            self._route("GET", f"{user}/transitiveMemberOf/microsoft.graph.directoryRole", self._roles),
            self._route("GET", f"{methods}/phoneMethods", self._phones),
            self._route("GET", f"{methods}/emailMethods", self._emails),
            self._route("POST", f"{methods}/temporaryAccessPassMethods", self._pass),
            self._route("POST", f"{methods}/methods/{{method}}/resetPassword", self._delegated_only),
            self._route("GET", f"{methods}/operations/{{operation}}", self._delegated_only),
        ]

    def _route(self, method: str, path: str, endpoint: Endpoint) -> Route:
        async def checked(request: Request) -> Response:
            target = unquote(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
            self._tenant.requests.append((method, target, await request.body()))
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme != "Bearer" or self._signer.claims_of_the_service(token, self._tenant.id) is None:
                return error(401, "InvalidAuthenticationToken", "Access token validation failure.")
            fault = take(self._tenant.faults, method, target)
            if fault in REFUSALS:
                return REFUSALS[fault]()
            if fault is Fault.DROP:
                drop(request)
                return Response(status_code=500)
            response = await endpoint(request)
            if fault is Fault.SLOW:
                await asyncio.sleep(SLOW_SECONDS)
            if fault is Fault.APPLIED_THEN_DROP:
                drop(request)
            response.headers.setdefault("request-id", str(uuid.uuid4()))
            return response

        return Route(path, checked, methods=[method])

    def _found(self, request: Request) -> User | None:
        return self._tenant.user(request.path_params["key"])

    async def _list(self, request: Request) -> Response:
        if self._tenant.lacks(permission.FIND):
            return error(403, "Authorization_RequestDenied", DENIED)
        clauses = re.split(r" or (?=userPrincipalName|mail)", request.query_params.get("$filter", ""))
        wanted = [FILTER.fullmatch(clause) for clause in clauses]
        if not all(wanted):
            return error(400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified.")
        found = [user for user in self._tenant.users if any(_matches(user, clause) for clause in wanted if clause)]
        top = int(request.query_params.get("$top", "100"))
        return JSONResponse({"value": [self._told(user, request.query_params) for user in found[:top]]})

    async def _get(self, request: Request) -> Response:
        if self._tenant.lacks(permission.FIND):
            return error(403, "Authorization_RequestDenied", DENIED)
        user = self._found(request)
        return _missing() if user is None else JSONResponse(self._told(user, request.query_params))

    def _told(self, user: User, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the properties that `$select` asks for. A property that does not exist would be refused."""
        domain = user.name.partition("@")[2]
        every: dict[str, Any] = {
            **dict.fromkeys(DEFAULT),
            "id": user.id,
            "userPrincipalName": user.name,
            "businessPhones": list(user.business_phones),
            "mobilePhone": user.mobile_phone,
            "mail": user.mail,
            "accountEnabled": user.enabled,
            "onPremisesSyncEnabled": user.synced or None,  # null for accounts of the cloud
            "userType": "Guest" if user.guest else "Member",
            "lastPasswordChangeDateTime": f"{self._tenant.told_change(user):%Y-%m-%dT%H:%M:%SZ}",
            "preferredLanguage": None,
            "identities": [{"signInType": "federated" if user.federated else "userPrincipalName", "issuer": domain,
                            "issuerAssignedId": user.name}],
        }  # fmt: skip
        return {name: every[name] for name in query["$select"].split(",")} if "$select" in query else {
            name: every[name] for name in DEFAULT
        }  # fmt: skip

    async def _patch(self, request: Request) -> Response:
        user = self._found(request)
        if self._tenant.lacks(permission.SET_PASSWORD, role=permission.USER_ADMINISTRATOR):
            return error(403, "Authorization_RequestDenied", DENIED)
        if user is None:
            return _missing()
        body = json.loads(await request.body())
        profile = body.get("passwordProfile") if isinstance(body, dict) and set(body) == {"passwordProfile"} else None
        if not isinstance(profile, dict):
            return error(400, "Request_BadRequest", "The stand-in knows the passwordProfile alone.")
        if user.roles or user.guest or user.synced or user.federated:  # sensitive actions; not ours to change
            return error(403, "Authorization_RequestDenied", DENIED)
        if "password" not in profile:
            return Response(status_code=204)  # accepted, and does nothing (microsoft-graph-docs issue 4267)
        if self._tenant.refuses(profile["password"]):
            return error(400, "Request_BadRequest", TOO_WEAK)
        self._tenant.set_password(user, profile["password"])
        user.must_change = profile.get("forceChangePasswordNextSignIn", True)
        return Response(status_code=204)

    async def _revoke(self, request: Request) -> Response:
        user = self._found(request)
        if self._tenant.lacks(permission.SIGN_OUT):
            return error(403, "Authorization_RequestDenied", DENIED)
        if user is None:
            return _missing()
        user.sessions_valid_from = self._tenant.now()
        return JSONResponse({"value": True})

    async def _roles(self, request: Request) -> Response:
        user = self._found(request)
        if user is None:
            return _missing()
        return JSONResponse({"value": [{"roleTemplateId": role} for role in sorted(user.roles)]})

    async def _phones(self, request: Request) -> Response:
        user = self._found(request)
        if self._tenant.lacks(permission.READ_METHODS, permission.ISSUE_PASS):
            return error(403, "Authorization_RequestDenied", DENIED)
        if user is None:
            return _missing()
        return JSONResponse({"value": [{"phoneType": kind, "phoneNumber": text} for kind, text in user.phone_methods]})

    async def _emails(self, request: Request) -> Response:
        user = self._found(request)
        if self._tenant.lacks(permission.READ_METHODS, permission.ISSUE_PASS):
            return error(403, "Authorization_RequestDenied", DENIED)
        if user is None:
            return _missing()
        return JSONResponse({"value": [{"emailAddress": text} for text in user.email_methods]})

    async def _pass(self, request: Request) -> Response:
        user = self._found(request)
        if self._tenant.lacks(permission.ISSUE_PASS, role=permission.AUTHENTICATION_ADMINISTRATOR):
            return error(403, "accessDenied", "Request Authorization failed")
        if user is None:
            return _missing()
        if user.roles or user.guest:
            return error(403, "accessDenied", "Request Authorization failed")
        wanted = json.loads(await request.body())
        issued = {"id": str(uuid.uuid4()), "temporaryAccessPass": self._tenant.issue_pass(user), **wanted}
        return JSONResponse(issued, 201)

    async def _delegated_only(self, request: Request) -> Response:
        """Refuse what no application permission allows."""
        del request
        return error(403, "accessDenied", "Request Authorization failed")


REFUSALS: dict[Fault | None, Callable[[], Response]] = {
    Fault.THROTTLED: lambda: error(429, "TooManyRequests", "Too many requests.", **{"retry-after": "2"}),
    Fault.THROTTLED_SILENTLY: lambda: error(429, "TooManyRequests", "Too many requests."),
    Fault.UNAVAILABLE: lambda: error(503, "ServiceUnavailable", "The service is unavailable."),
}


def _missing() -> Response:
    return error(
        404, "Request_ResourceNotFound", "Resource does not exist or one of its queried references is not present."
    )


def _matches(user: User, clause: re.Match[str]) -> bool:
    value = user.name if clause[1] == "userPrincipalName" else user.mail
    return value is not None and value.lower() == clause[2].replace("''", "'").lower()
