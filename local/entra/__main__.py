"""`python -m local.entra --port 10389 --tls-port 10636 --data .local`. Its tenant has the demo people."""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local import logs
from local.entra.graph import Graph
from local.entra.kept import KeptTenant
from local.entra.openid import OpenId
from local.entra.person_tokens import Apps
from local.entra.principals import Principals
from local.entra.settings import CERTIFICATES, SECRET, pages_address
from local.entra.tenant import Tenant
from local.entra.tokens import GRAPH, SECONDS, Signer
from local.serving import LoopbackServer, loopback_server, serve_until, stop_on_signals
from local.slapd.certificates import Certificates, certificates
from local.standin.transport import DroppableProtocol
from local.tether import ABOUT, FLAG, tether


class Identity:
    """The endpoint of App Service that gives tokens of the managed identity (IDENTITY_ENDPOINT)."""

    def __init__(self, tenant: Tenant, signer: Signer, secret: str) -> None:
        self._tenant, self._signer, self._secret = tenant, signer, secret

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if request.headers.get("x-identity-header") != self._secret:
            return JSONResponse({"statusCode": 401, "message": "Unauthorized"}, 401)
        if request.query_params.get("resource", "").rstrip("/") != GRAPH:
            return JSONResponse({"statusCode": 400, "message": "The stand-in has tokens for Graph alone."}, 400)
        token = self._signer.of_the_service(self._tenant.id, self._tenant.permissions)
        expires = str(int(time.time()) + SECONDS)
        return JSONResponse({"access_token": token, "expires_on": expires, "resource": "", "token_type": "Bearer"})


def application(tenant: Tenant, signer: Signer, base: str, secret: str, apps: Apps | None = None) -> Starlette:
    """Return the stand-in. `base` is the address of the sign-in pages."""
    pages, identity = OpenId(tenant, signer, base, apps or Apps()), Identity(tenant, signer, secret)
    own = Route("/identity", identity.__call__)
    app = Starlette(routes=[*pages.routes(), own, *Graph(tenant, signer).routes(), *Principals(tenant).routes()])
    app.state.pages = pages
    return app


def servers(app: Starlette, port: int, tls_port: int, files: Certificates) -> list[LoopbackServer]:
    """Return the servers of Graph and the identity, and of the sign-in pages: with TLS, as MSAL asks for."""
    tls: dict[str, Any] = {"ssl_certfile": str(files.certificate), "ssl_keyfile": str(files.key)}
    return [
        loopback_server(app, port, http=DroppableProtocol),
        # Pages of other origins redeem their codes here. The pages check the origin themselves.
        loopback_server(app, tls_port, open_prefix="/", http=DroppableProtocol, **tls),
    ]


async def run(port: int, tls_port: int, data: Path, redirects: tuple[str, ...]) -> None:
    """Serve until a signal arrives, then keep the passwords."""
    stopping = asyncio.Event()
    stop_on_signals(stopping)
    kept = KeptTenant(data)
    tenant, apps = kept.tenant(), kept.apps(redirects)
    kept.keep(tenant)
    app = application(tenant, Signer(), pages_address(tls_port), SECRET, apps)
    both = servers(app, port, tls_port, certificates(data / CERTIFICATES))
    await asyncio.gather(*(serve_until(stopping, server) for server in both))
    kept.keep(tenant)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m local.entra", description="Stand-in for Microsoft Entra ID.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls-port", type=int, required=True, help="of the sign-in pages")
    parser.add_argument("--redirects", nargs="+", default=[], help="addresses to which the sign-in pages may lead back")
    parser.add_argument("--data", type=Path, required=True, help="the folder in which passwords are kept")
    parser.add_argument(FLAG, action="store_true", help=ABOUT)
    options = parser.parse_args()
    if options.tethered:
        tether()
    logs.configure()
    asyncio.run(run(options.port, options.tls_port, options.data, tuple(options.redirects)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
