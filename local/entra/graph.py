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
REFUSED_METHOD = "Converged UserCredentialPolicy does not allow creating or updating this authentication method."
UNKNOWN = object()
"""A property that does not exist."""
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
            self._route("GET", f"{user}/transitiveMemberOf", self._member_of),
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
            if fault is Fault.FAILED:
                response = error(500, "InternalServerError", "Something went wrong.")
            if fault is Fault.GARBLED:
                response = Response(b"none", headers={"content-encoding": "gzip"})
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
        return self._page(request, [self._told(user, request.query_params) for user in found])

    def _page(self, request: Request, found: list[dict[str, Any]]) -> Response:
        """Return the first page, and that there are more."""
        text = request.query_params.get("$top", "100")
        if not text.isdecimal() or not 1 <= int(text) <= 999:
            return error(400, "BadRequest", "Invalid value for $top.")
        more = {"@odata.nextLink": f"{request.url}&$skiptoken=more"} if len(found) > int(text) else {}
        return JSONResponse({"value": found[: int(text)], **more})

    async def _get(self, request: Request) -> Response:
        if self._tenant.lacks(permission.FIND):
            return error(403, "Authorization_RequestDenied", DENIED)
        user, query = self._found(request), request.query_params
        if user is None:
            return _missing()
        told = self._told(user, query)
        if unknown := [name for name, value in told.items() if value is UNKNOWN]:
            return error(400, "BadRequest", f"Parsing OData Select and Expand failed: {unknown[0]}")
        if query.get("$expand", "").startswith("manager") and user.manager:
            told["manager"] = {"@odata.type": "#microsoft.graph.user", "userPrincipalName": user.manager}
        return JSONResponse(told)

    def _told(self, user: User, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the properties that `$select` asks for, and the small default set where it asks for nothing."""
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
            "preferredLanguage": user.language,
            "identities": [{"signInType": "federated" if user.federated else "userPrincipalName", "issuer": domain,
                            "issuerAssignedId": user.name}],
        }  # fmt: skip
        asked = query["$select"].split(",") if "$select" in query else DEFAULT
        return {name: every.get(name, UNKNOWN) for name in asked}

    async def _patch(self, request: Request) -> Response:
        user = self._found(request)
        if self._tenant.lacks(permission.SET_PASSWORD, role=permission.USER_ADMINISTRATOR):
            return error(403, "Authorization_RequestDenied", DENIED)
        if user is None:
            return _missing()
        try:
            body = json.loads(await request.body())
        except ValueError:
            return error(400, "BadRequest", "Unable to read JSON request payload.")
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

    async def _member_of(self, request: Request) -> Response:
        """Type and id are told with any permission; the rest would need one for that type of object."""
        user = self._found(request)
        if self._tenant.lacks(permission.FIND):
            return error(403, "Authorization_RequestDenied", DENIED)
        if user is None:
            return _missing()
        held = [*(("group", group) for group in user.groups), *(("directoryRole", role) for role in sorted(user.roles))]
        found = [{"@odata.type": f"#microsoft.graph.{kind}", "id": id_} for kind, id_ in held]
        return self._page(request, found)

    async def _phones(self, request: Request) -> Response:
        told = [
            {"phoneType": kind, "phoneNumber": text}
            for kind, text in getattr(self._found(request), "phone_methods", ())
        ]
        return self._methods(request, permission.READ_PHONES, told)

    async def _emails(self, request: Request) -> Response:
        told = [{"emailAddress": text} for text in getattr(self._found(request), "email_methods", ())]
        return self._methods(request, permission.READ_EMAILS, told)

    def _methods(self, request: Request, right: str, told: list[dict[str, str]]) -> Response:
        if self._tenant.lacks(right, permission.READ_METHODS, permission.WRITE_METHODS):
            return error(403, "accessDenied", "Request Authorization failed")
        return _missing() if self._found(request) is None else JSONResponse({"value": told})

    async def _pass(self, request: Request) -> Response:
        """Graph lets an application issue one to administrators too: the service itself must not."""
        user = self._found(request)
        if self._tenant.lacks(permission.ISSUE_PASS, permission.WRITE_METHODS):
            return error(403, "accessDenied", "Request Authorization failed")
        if user is None:
            return _missing()
        wanted = json.loads(await request.body())
        minutes = wanted.get("lifetimeInMinutes", 60)
        if not self._tenant.passes_allowed or user.guest:
            return error(400, "badRequest", REFUSED_METHOD)
        if set(wanted) - {"isUsableOnce", "lifetimeInMinutes", "startDateTime"} or not 10 <= minutes <= 43200:
            return error(400, "badRequest", "Invalid request.")
        issued = {"id": str(uuid.uuid4()), "temporaryAccessPass": self._tenant.issue_pass(user), **wanted}
        return JSONResponse(issued, 201)

    async def _delegated_only(self, request: Request) -> Response:
        """Refuse what no application permission allows."""
        del request
        return error(403, "accessDenied", "Request Authorization failed")


BUSY = "The service is unavailable."
REFUSALS: dict[Fault | None, Callable[[], Response]] = {
    Fault.THROTTLED: lambda: error(429, "TooManyRequests", "Too many requests.", **{"retry-after": "7"}),
    Fault.THROTTLED_UNTIL: lambda: error(
        429, "TooManyRequests", "Too many requests.", **{"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}
    ),
    Fault.THROTTLED_SILENTLY: lambda: error(429, "TooManyRequests", "Too many requests."),
    Fault.UNAVAILABLE: lambda: error(503, "ServiceUnavailable", BUSY),
    Fault.UNAVAILABLE_FOR: lambda: error(503, "ServiceUnavailable", BUSY, **{"retry-after": "7"}),
}


def _missing() -> Response:
    return error(
        404, "Request_ResourceNotFound", "Resource does not exist or one of its queried references is not present."
    )


def _matches(user: User, clause: re.Match[str]) -> bool:
    value = user.name if clause[1] == "userPrincipalName" else user.mail
    return value is not None and value.lower() == clause[2].replace("''", "'").lower()
