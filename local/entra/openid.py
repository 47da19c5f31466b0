"""Sign-in pages of a tenant: OpenID Connect, code flow with PKCE, for the registered page (RFC 7636).

They refuse what Microsoft's pages are documented to refuse: other applications, addresses and scopes, a request without
PKCE, a code that was used or is for another page, and a redemption that does not come from a page's origin. The error
codes are those of Microsoft, "Microsoft Entra authentication and authorization error codes".
"""

import base64
import hashlib
import html
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from local.entra.person_tokens import SCOPE, Apps, Signing, access_claims, id_claims
from local.entra.tenant import Tenant, User
from local.entra.tokens import SECONDS, Signer

COOKIE: Final = "signed_in"
CODE_LIFE: Final = 600
OIDC: Final = frozenset({"openid", "profile", "offline_access", "email"})
PAGE: Final = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in (stand-in)</title><h1>Stand-in for Microsoft's sign-in page</h1><p>{said}</p>
<form method="post" action="?{query}">{fields}<button name="do" value="sign_in">Sign in</button>
<button name="do" value="cancel">Cancel</button></form></html>"""
TYPED: Final = """<label>User name <input name="name" value="{name}"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label> """


@dataclass(frozen=True)
class _Issued:
    """What a code stands for."""

    who: Signing
    redirect: str
    challenge: str
    nonce: str
    scope: str
    until: float


@dataclass
class OpenId:
    """The endpoints below the tenant. `base` is the address at which both the page and the service reach them."""

    tenant: Tenant
    signer: Signer
    base: str
    apps: Apps
    key_fetches: int = 0
    sessions: dict[str, tuple[User, int]] = field(default_factory=dict)
    """Who is signed in, by cookie, and since when (seconds since 1970)."""
    _codes: dict[str, _Issued] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The authority of the tenant."""
        return f"{self.base}/{self.tenant.id}"

    def routes(self) -> list[Route]:
        """Return the endpoints."""
        at, of = f"/{self.tenant.id}", f"/{self.tenant.id}/oauth2/v2.0"
        return [
            Route(f"{at}/v2.0/.well-known/openid-configuration", self._discovery),
            Route(f"{at}/discovery/v2.0/keys", self._keys),
            Route(f"{of}/authorize", self._authorize, methods=["GET", "POST"]),
            Route(f"{of}/token", self._token, methods=["POST", "OPTIONS"]),
        ]

    async def _discovery(self, request: Request) -> Response:
        of = f"{self.root}/oauth2/v2.0"
        told = {
            "issuer": f"{self.root}/v2.0",
            "jwks_uri": f"{self.root}/discovery/v2.0/keys",
            "authorization_endpoint": f"{of}/authorize",
            "token_endpoint": f"{of}/token",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return JSONResponse(told, headers=self._shared_with(request))

    async def _keys(self, request: Request) -> Response:
        del request
        self.key_fetches += 1
        return JSONResponse(self.signer.keys())

    async def _authorize(self, request: Request) -> Response:
        """Show the page, or go straight back where somebody is signed in and no fresh sign-in is asked for."""
        query = request.query_params
        if fault := self._fault_of(query):
            return HTMLResponse(f"<!doctype html><title>Error</title><p>{fault}", 400)  # never to an unknown address
        wanted, known = query.get("prompt", ""), self.sessions.get(request.cookies.get(COOKIE, ""))
        if request.method == "POST":
            return await self._posted(request, known if wanted != "login" else None)
        if known and wanted == "":
            return self._back(query, *known)
        if known and wanted == "select_account":
            return self._page(query, f"Go on as {known[0].name}?")
        return self._page(query, "Enter your user name and password.", typed=query.get("login_hint", ""))

    async def _posted(self, request: Request, known: tuple[User, int] | None) -> Response:
        query, form = request.query_params, await _form(request)
        if request.headers.get("origin") not in {self.base, None}:
            return HTMLResponse("another origin", 403)
        if form.get("do") == "cancel":
            described = "AADSTS65004: The resource owner or authorization server denied the request."
            return self._answer(query, {"error": "access_denied", "error_description": described})
        if known and "password" not in form:
            return self._back(query, *known)
        user = self.tenant.user(form.get("name", ""))
        if user is None or not user.enabled or not secrets.compare_digest(
            user.password.encode(), form.get("password", "").encode()
        ):  # fmt: skip
            return self._page(query, "Your account or password is incorrect.", typed=form.get("name", ""))
        cookie, now = secrets.token_urlsafe(), int(time.time())
        self.sessions[cookie] = user, now
        answer = self._back(query, user, now)
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="lax")
        return answer

    def _fault_of(self, query: Mapping[str, str]) -> str:
        resource = f"api://{self.apps.api}/"
        others = set(query.get("scope", "").split()) - OIDC
        if query.get("client_id") != self.apps.page:
            return "AADSTS700016: Application was not found in the directory."
        if query.get("redirect_uri") not in self.apps.redirects:
            return "AADSTS50011: The redirect URI does not match the redirect URIs configured for the application."
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            return (
                "AADSTS9002325: Proof Key for Code Exchange is required for cross-origin authorization code redemption."
            )
        if others != {f"{resource}{SCOPE}"}:
            return "AADSTS65005: The application requested scopes that are not registered."
        return ""

    def _page(self, query: Mapping[str, str], said: str, typed: str | None = None) -> Response:
        fields = "" if typed is None else TYPED.format(name=html.escape(typed))
        shown = PAGE.format(said=html.escape(said), query=html.escape(urlencode(dict(query))), fields=fields)
        return HTMLResponse(shown, headers={"cache-control": "no-store"})

    def _back(self, query: Mapping[str, str], user: User, at: int) -> Response:
        code = secrets.token_urlsafe(32)
        who = Signing(self.tenant.id, f"{self.root}/v2.0", user.id, user.name, at)
        self._codes[code] = _Issued(
            who=who,
            redirect=query["redirect_uri"],
            challenge=query["code_challenge"],
            nonce=query.get("nonce", ""),
            scope=query["scope"],
            until=time.time() + CODE_LIFE,
        )
        client = base64.urlsafe_b64encode(json.dumps({"uid": user.id, "utid": self.tenant.id}).encode()).decode()
        return self._answer(query, {"code": code, "client_info": client.rstrip("="), "session_state": "stand-in"})

    def _answer(self, query: Mapping[str, str], told: dict[str, str]) -> Response:
        mark = "?" if query.get("response_mode") == "query" else "#"
        return RedirectResponse(query["redirect_uri"] + mark + urlencode(told | {"state": query.get("state", "")}), 302)

    async def _token(self, request: Request) -> Response:
        shared = self._shared_with(request)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=shared)
        form = await _form(request)
        issued = self._codes.pop(form.get("code", ""), None)
        if not shared:
            return _refused("AADSTS9002327: Tokens may only be redeemed via cross-origin requests.", shared)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        right = form.get("grant_type") == "authorization_code" and form.get("client_id") == self.apps.page
        if issued is None or time.time() > issued.until or form.get("redirect_uri") != issued.redirect or not right:
            return _refused("AADSTS54005: OAuth2 Authorization code was already redeemed, or is for another.", shared)
        if not secrets.compare_digest(proof.decode(), issued.challenge):
            return _refused("AADSTS501481: The Code_Verifier does not match the code_challenge.", shared)
        client = {"uid": issued.who.person, "utid": self.tenant.id}
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "scope": f"api://{self.apps.api}/{SCOPE} openid profile",
            "expires_in": SECONDS,
            "ext_expires_in": SECONDS,
            "access_token": self.signer.token(access_claims(self.apps, issued.who)),
            "id_token": self.signer.token(id_claims(self.apps, issued.who, issued.nonce)),
            "client_info": base64.urlsafe_b64encode(json.dumps(client).encode()).decode().rstrip("="),
        }
        return JSONResponse(answer, headers=shared | {"cache-control": "no-store"})

    def _shared_with(self, request: Request) -> dict[str, str]:
        """Return the CORS headers for a page whose origin has a registered address, otherwise none."""
        origin = request.headers.get("origin", "")
        known = {"://".join(urlsplit(address)[:2]) for address in self.apps.redirects}
        if origin not in known:
            return {}
        return {"access-control-allow-origin": origin, "access-control-allow-headers": "*", "vary": "origin"}


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def _refused(description: str, headers: dict[str, str]) -> Response:
    return JSONResponse({"error": "invalid_grant", "error_description": description}, 400, headers)
