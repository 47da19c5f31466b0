"""Registers the API and the pages in Microsoft Entra, for the sign-in there, and says what a registration lacks.

    run.sh register_sign_in     makes or corrects both, and stores their ids in the azd environment
    run.sh check_sign_in        changes nothing

Written from the references of Microsoft Graph (application, servicePrincipal; both are made or updated by a key of our
own) and never run against a tenant. Who runs it needs the right to register applications.
"""

import hashlib
import json
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from operate.hooks.az import Az, Failed, Stop, say
from operate.hooks.environment import Environment
from shared.domain.entra_apps import SCOPE
from shared.domain.roles import Role

GRAPH: Final = "https://graph.microsoft.com/v1.0"
SELECT: Final = "id,appId,signInAudience,identifierUris,api,appRoles,optionalClaims,spa,requiredResourceAccess"
ROOT_OF_IDS: Final = uuid.UUID("5e5a3e00-0000-4000-8000-0000000000ed")
"""Ids of scopes and roles are drawn from it by name, so that a second run changes nothing."""
SCOPE_ID: Final = str(uuid.uuid5(ROOT_OF_IDS, SCOPE))
Found = dict[str, Any]


@dataclass(frozen=True)
class Registrations:
    """The applications of one azd environment. Both are for accounts of this tenant only."""

    given: Environment
    az: Az

    def key(self, part: str) -> str:
        """Return the unique name of a registration: letters and digits, whatever the environment is called."""
        return f"sesame-{part}-{hashlib.sha256(self.given['AZURE_ENV_NAME'].encode()).hexdigest()[:12]}"

    def find(self, part: str) -> Found:
        """Return a registration. Raises Failed if there is none."""
        found = self._graph("get", f"applications(uniqueName='{self.key(part)}')?$select={SELECT}")
        if not isinstance(found, dict) or not found.get("appId"):
            raise Failed("Microsoft Graph did not answer with an application")
        return found

    def put(self, part: str, body: Found) -> Found:
        """Make or update a registration, with its service principal, and return it."""
        name = f"Sésame {part} ({self.given['AZURE_ENV_NAME']})"
        audience = {"displayName": name, "signInAudience": "AzureADMyOrg"}
        self._graph("patch", f"applications(uniqueName='{self.key(part)}')", audience | body)
        found = self.az.until(lambda: self.find(part), lambda _: True, "the registration")
        self._graph("patch", f"servicePrincipals(appId='{found['appId']}')", {"appId": found["appId"]})
        return found

    @property
    def redirects(self) -> list[str]:
        """The addresses to which Microsoft may send people back."""
        more = [origin.strip().rstrip("/") for origin in self.given.get("MORE_WEB_ORIGINS").split(",")]
        return [f"{origin}/register" for origin in dict.fromkeys([self.given["WEB_BASE_URL"], *more]) if origin]

    def _graph(self, method: str, path: str, body: Found | None = None) -> Any:
        words = ("rest", "--method", method, "--url", f"{GRAPH}/{path}")
        if body is None:
            return self.az.json(*words)
        # In a file: a JSON text on a command line does not survive every shell of Windows.
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "body.json")
            file.write_text(json.dumps(body), "utf-8")
            headers = ("--headers", "Content-Type=application/json", "Prefer=create-if-missing")
            return self.az.json(*words, *headers, "--body", f"@{file}")


def of_api(app_id: str, page_id: str = "") -> Found:
    """Return what the registration of the API must have. The page needs no consent of each person."""
    described = "Sign in to register for, and to change, the ways to reset a forgotten password."
    scope = {
        "id": SCOPE_ID, "value": SCOPE, "type": "User", "isEnabled": True,
        "adminConsentDisplayName": "Sign in to Sésame", "adminConsentDescription": described,
        "userConsentDisplayName": "Sign in to Sésame", "userConsentDescription": described,
    }  # fmt: skip
    roles = [
        {
            "id": str(uuid.uuid5(ROOT_OF_IDS, f"role {role}")), "value": role.value, "isEnabled": True,
            "displayName": role.capitalize(), "allowedMemberTypes": ["User"],
            "description": "Shows in tokens who has this role. It grants nothing: the directory is asked.",
        }
        for role in Role
    ]  # fmt: skip
    known = {"preAuthorizedApplications": [{"appId": page_id, "delegatedPermissionIds": [SCOPE_ID]}]} if page_id else {}
    return {
        "identifierUris": [f"api://{app_id}"],
        "api": {"requestedAccessTokenVersion": 2, "oauth2PermissionScopes": [scope]} | known,
        "appRoles": roles,
        "optionalClaims": {"accessToken": [{"name": "auth_time", "essential": False}]},
    }


def of_page(api_id: str, redirects: list[str]) -> Found:
    """Return what the registration of the pages must have."""
    access = {"resourceAppId": api_id, "resourceAccess": [{"id": SCOPE_ID, "type": "Scope"}]}
    return {"spa": {"redirectUris": redirects}, "requiredResourceAccess": [access]}


def register(given: Environment) -> None:
    """Make or correct both registrations, and store their ids.

    Raises:
        Stop: Microsoft Graph refuses one, or one is not as it must be after that.
    """
    of = Registrations(given, given.az())
    try:
        api = of.put("API", {})
        # A page can ask for a permission, and be named beside it, only once it is there.
        of.put("API", of_api(api["appId"]))
        page = of.put("pages", of_page(api["appId"], of.redirects))
        of.put("API", of_api(api["appId"], page["appId"]))
    except Failed as refusal:
        raise Stop(f"Microsoft Graph does not register the applications: {refusal}.") from refusal
    for name, value in (("TENANT", given["AZURE_TENANT_ID"]), ("API", api["appId"]), ("PAGE", page["appId"])):
        given.keep(f"ENTRA_{name}", value)
    say(f"API    {api['appId']}\nPages  {page['appId']}\nRun azd up, so that the service and the pages know them.")


def check(given: Environment) -> None:
    """Say what the registrations lack.

    Raises:
        Stop: they lack something, or cannot be read.
    """
    of = Registrations(given, given.az())
    try:
        api, page = of.find("API"), of.find("pages")
    except Failed as refusal:
        raise Stop(
            f"There are no registrations, or they cannot be read ({refusal}): run register_sign_in."
        ) from refusal
    faults = missing(api, page, of.redirects)
    for name, app in (("ENTRA_API", api), ("ENTRA_PAGE", page)):
        if given.get(name) != app["appId"]:
            faults.append(f"{name} is {given.get(name) or 'not set'}, and the registration has {app['appId']}")
    for fault in faults:
        say(f"MISSING  {fault}")
    if faults:
        raise Stop("Nobody, or not everybody, can sign in at Microsoft: run register_sign_in, then azd up.")
    say("The registrations have all that the service checks in a token.")


def missing(api: Found, page: Found, redirects: list[str]) -> list[str]:
    """Return what a token would be refused for, or what Microsoft would refuse."""
    exposed, claims = api.get("api") or {}, (api.get("optionalClaims") or {}).get("accessToken") or []
    scopes = {one.get("value"): one for one in exposed.get("oauth2PermissionScopes") or []}
    scope = scopes.get(SCOPE) or {}
    asked = {
        (access.get("resourceAppId"), one.get("id"))
        for access in page.get("requiredResourceAccess") or []
        for one in access.get("resourceAccess") or []
    }
    reached = set((page.get("spa") or {}).get("redirectUris") or [])
    wanted = [
        (exposed.get("requestedAccessTokenVersion") == 2, "API: requestedAccessTokenVersion is not 2"),
        (f"api://{api['appId']}" in (api.get("identifierUris") or []), f"API: the URI api://{api['appId']}"),
        (bool(scope.get("isEnabled")), f"API: the scope {SCOPE}, enabled"),
        (any(one.get("name") == "auth_time" for one in claims), "API: the optional claim auth_time in access tokens"),
        ((api["appId"], scope.get("id")) in asked, f"pages: the permission {SCOPE} of the API"),
        *(
            (address in reached, f"pages: the redirect address {address}, as a single-page app")
            for address in redirects
        ),
        *(
            (app.get("signInAudience") == "AzureADMyOrg", f"{part}: accounts of this organisation only")
            for part, app in (("API", api), ("pages", page))
        ),
    ]
    return [what for is_there, what in wanted if not is_there]
