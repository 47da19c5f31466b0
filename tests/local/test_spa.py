"""The static server keeps the rules of `staticwebapp.config.json`, pointed at the local API."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from local.spa.static_site import StaticSite

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
    """Asks a site in this process; paths go out exactly as they are written."""

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


async def test_the_pages_own_paths_fall_back_to_the_page(client: Client) -> None:
    """A path that the page routes itself is the page; a missing file is 404."""
    assert (await client.get("/reset")).text == (await client.get("/")).text == "<!doctype html><p>page"
    assert (await client.get("/assets/none.js")).status_code == 404
    assert (await client.get("/none.svg")).status_code == 404


async def test_headers_are_those_of_the_settings(client: Client) -> None:
    """Global headers everywhere, a route's own over them, and the policy lets the page call the local API only."""
    page = await client.get("/")

    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-security-policy"] == (f"default-src 'none'; connect-src 'self' {API}; base-uri 'none'")
    assert (await client.get("/assets/app.js")).headers["cache-control"] == "immutable"
    assert (await client.get("/config.json")).json() == {"api": API}


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"])
async def test_nothing_outside_the_folder_is_served(client: Client, path: str) -> None:
    """A path cannot climb out."""
    assert "outside" not in (await client.get(path)).text


async def test_an_unbuilt_page_says_so(tmp_path: Path) -> None:
    """Without a build the server is up and says what is missing."""
    site = StaticSite(tmp_path / "dist", {}, [API])
    answer = await Client(site).get("/")

    assert answer.status_code == 503
    assert "not built" in answer.text
