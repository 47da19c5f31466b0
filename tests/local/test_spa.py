"""The static server applies the rules of `site-config.json`, with the address of the local API."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from local.spa.static_site import StaticSite
from local.stack.parts import ROOT
from shared.domain.organisation import Organisation

API = "http://127.0.0.1:7071"
SETTINGS = {
    "navigationFallback": {"rewrite": "/index.html", "exclude": ["/assets/*", "/*.{svg,png}"]},
    "routes": [{"route": "/assets/*", "headers": {"Cache-Control": "immutable"}}],
    "globalHeaders": {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; connect-src 'self'; upgrade-insecure-requests; base-uri 'none'",
    },
}


class Client:
    """Sends requests to a site in this process. Paths are sent exactly as written."""

    def __init__(self, site: StaticSite) -> None:
        app = Starlette(routes=[Route("/{path:path}", site.__call__, methods=["GET"])])
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://spa")

    async def get(self, path: str) -> httpx.Response:
        return await self._http.get(path)


@pytest.fixture
def client(tmp_path: Path) -> Client:
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<!doctype html><p>page")
    (tmp_path / "dist" / "assets" / "app.js").write_text("1")
    (tmp_path / "secret.txt").write_text("outside")
    site = StaticSite(tmp_path / "dist", SETTINGS, [API])
    return Client(site)


async def test_the_routes_of_the_web_app_return_the_page(client: Client) -> None:
    """A missing file is 404."""
    assert (await client.get("/reset")).text == (await client.get("/")).text == "<!doctype html><p>page"
    assert (await client.get("/assets/none.js")).status_code == 404
    assert (await client.get("/none.svg")).status_code == 404


async def test_the_static_server_sends_the_configured_headers(client: Client) -> None:
    """Global headers everywhere, overridden by those of a route. The policy allows calls to the local API only."""
    page = await client.get("/")

    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-security-policy"] == (f"default-src 'none'; connect-src 'self' {API}; base-uri 'none'")
    assert (await client.get("/assets/app.js")).headers["cache-control"] == "immutable"
    assert (await client.get("/config.json")).json() == {"api": API}


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"])
async def test_the_static_server_serves_nothing_outside_its_folder(client: Client, path: str) -> None:
    """Path traversal is refused."""
    assert "outside" not in (await client.get(path)).text


async def test_the_static_server_reports_a_missing_build(tmp_path: Path) -> None:
    """Without a build the server runs and says what is missing."""
    site = StaticSite(tmp_path / "dist", {}, [API])
    answer = await Client(site).get("/")

    assert answer.status_code == 503
    assert "not built" in answer.text


async def test_the_well_known_addresses_of_the_web_app() -> None:
    """Password managers find where a password is changed, and learn that unknown names are not there (M31)."""
    organisation = Organisation(security_contact="mailto:security@example.org")
    client = Client(StaticSite.read(ROOT / "web", [API], (organisation, b"")))
    changed = await client.get("/.well-known/change-password")
    assert (changed.status_code, changed.headers["location"]) == (302, "/password")
    unknown = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"
    assert (await client.get(unknown)).status_code == 404
    told = await client.get("/.well-known/security.txt")
    assert told.headers["content-type"] == "text/plain; charset=utf-8"
    assert told.text.startswith("Contact: mailto:security@example.org\nExpires: ")
    assert (await Client(StaticSite.read(ROOT / "web", [API])).get("/.well-known/security.txt")).status_code == 404
