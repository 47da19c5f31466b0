"""Tokens that a page gets from the stand-in of Microsoft's sign-in pages, and the keys that the service gets there."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route

from local.entra.openid import OpenId
from local.entra.person_tokens import Apps
from local.entra.tenant import Tenant, User
from local.entra.tokens import Signer
from local.serving import loopback_server
from local.stack.ports import Ports
from shared.adapters.azure_transport import SharedTransport
from shared.adapters.entra_tokens import EntraTokens
from shared.adapters.entra_tokens.keys import SigningKeys, fetch_from
from shared.adapters.system import SystemClock
from shared.domain.entra_apps import SCOPE, EntraApps
from shared.ports.sign_in_tokens import KeysLost, TokenRefused
from tests.entra import in_threads
from tests.fakes.entra import signer

ORIGIN = "https://reset.example.org"
BACK = f"{ORIGIN}/register"
ADA = User(name="ada@sesame.example", password="Aa1-lantern-orbit")
VERIFIER = "a verifier of more than forty-three characters, as MSAL makes it"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class Browser:
    """A page and its browser, in front of the stand-in."""

    def __init__(self, signing: Signer | None = None) -> None:
        self.apps = Apps(redirects=(BACK,))
        self.pages = OpenId(Tenant(users=[ADA]), signing or signer(), "https://login.example", self.apps)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(Starlette(routes=self.pages.routes())), base_url=self.pages.base
        )
        self.asked = {
            "client_id": self.apps.page, "redirect_uri": BACK, "response_type": "code", "state": "s", "nonce": "n",
            "scope": f"openid profile offline_access api://{self.apps.api}/{SCOPE}", "code_challenge": CHALLENGE,
            "code_challenge_method": "S256", "response_mode": "fragment", "prompt": "login",
        }  # fmt: skip
        self.redeemed = {
            "grant_type": "authorization_code", "client_id": self.apps.page, "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        }  # fmt: skip

    async def code(self, **changes: str) -> str:
        """Sign in and return the code. Raises AssertionError where the pages show an error instead."""
        at = f"/{self.pages.tenant.id}/oauth2/v2.0/authorize"
        typed = {"name": ADA.name, "password": ADA.password, "do": "sign_in"}
        answer = await self.http.post(at, params=self.asked | changes, data=typed, headers={"origin": self.pages.base})
        assert answer.status_code == 302, answer.text
        told = dict(parse_qsl(urlsplit(answer.headers["location"]).fragment))
        assert (answer.headers["location"].split("#")[0], told["state"]) == (BACK, "s")
        return told["code"]

    async def redeem(self, code: str, *, origin: str = ORIGIN, **changes: str) -> dict[str, Any]:
        at = f"/{self.pages.tenant.id}/oauth2/v2.0/token"
        answer = await self.http.post(
            at, data=self.redeemed | {"code": code} | changes, headers={"origin": origin} if origin else {}
        )
        found: dict[str, Any] = answer.json()
        assert ("access-control-allow-origin" in answer.headers) == (origin == ORIGIN)
        return found


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_id": "another"}, "AADSTS700016"),
        ({"redirect_uri": "https://thief.example/register"}, "AADSTS50011"),
        ({"code_challenge_method": "plain"}, "AADSTS9002325"),
        ({"response_type": "token"}, "AADSTS9002325"),
        ({"scope": "openid https://graph.microsoft.com/User.Read"}, "AADSTS65005"),
    ],
)
async def test_the_stand_in_refuses_what_microsofts_pages_refuse(change: dict[str, str], error: str) -> None:
    """On its own page: an address that is not registered gets no answer."""
    with pytest.raises(AssertionError, match=error):
        await Browser().code(**change)


async def test_a_code_is_redeemed_once_and_by_the_page_that_began() -> None:
    """With the verifier, from an origin that is registered."""
    page = Browser()
    for change in ({"code_verifier": "another"}, {"client_id": "another"}, {"redirect_uri": "https://thief.example"}):
        assert (await page.redeem(await page.code(), **change))["error"] == "invalid_grant"
    for origin in ("", "https://thief.example"):
        assert "AADSTS9002327" in (await page.redeem(await page.code(), origin=origin))["error_description"]
    code = await page.code()
    assert (await page.redeem(code))["token_type"] == "Bearer"
    assert "AADSTS54005" in (await page.redeem(code))["error_description"]


async def test_a_token_of_the_page_is_verified_with_keys_from_the_network() -> None:
    """The ID token that comes with it is not one for the service. Keys of a changed signature are fetched again."""
    page = Browser()
    port = Ports.free(0).inbox
    address = page.pages.base = f"http://127.0.0.1:{port}"
    with in_threads(loopback_server(Starlette(routes=page.pages.routes()), port)):
        apps = EntraApps(authority=address, tenant=page.pages.tenant.id, api=page.apps.api, page=page.apps.page)
        transport, clock = SharedTransport(), SystemClock()
        checks = EntraTokens(apps, SigningKeys(fetch_from(apps.keys, transport), clock), clock)
        given = await page.redeem(await page.code())
        there = await checks.verified(given["access_token"])
        with pytest.raises(TokenRefused):
            await checks.verified(given["id_token"])
        await transport.shut()
    assert there.object_id == ADA.id
    assert datetime.now(UTC) - there.signed_in_at < timedelta(minutes=1)
    assert page.pages.key_fetches == 1


@pytest.mark.parametrize("answer", [PlainTextResponse("x"), PlainTextResponse("{}", 500), RedirectResponse("/keys")])
async def test_keys_come_from_the_configured_address_alone(answer: Any) -> None:
    """Neither a redirect nor an error page of a proxy leads to keys."""
    keys = Route("/keys", lambda _: JSONResponse(signer("x").keys()))
    port, transport = Ports.free(0).inbox, SharedTransport()
    with in_threads(loopback_server(Starlette(routes=[Route("/moved", lambda _: answer), keys]), port)):
        with pytest.raises(KeysLost):
            await SigningKeys(fetch_from(f"http://127.0.0.1:{port}/moved", transport), SystemClock()).named("x")
        await transport.shut()
