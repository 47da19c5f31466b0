"""`python -m local.entra --port 10389 --data .local`. Its tenant has the demo people."""

import argparse
import asyncio
import sys
import time
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local import logs
from local.entra.graph import Graph
from local.entra.kept import KeptTenant
from local.entra.settings import SECRET
from local.entra.tenant import Tenant
from local.entra.tokens import SECONDS, Signer
from local.serving import loopback_server, serve_until, stop_on_signals
from local.stack.environment import base_address
from local.standin.transport import DroppableProtocol
from local.tether import ABOUT, FLAG, tether


class SignInService:
    """Microsoft's sign-in pages as far as a service sees them: discovery, keys, and tokens of the managed identity."""

    def __init__(self, tenant: Tenant, signer: Signer, base: str, secret: str) -> None:
        self._tenant, self._signer, self._base, self._secret = tenant, signer, base, secret
        self.key_fetches = 0

    def routes(self) -> list[Route]:
        """Return the endpoints. The identity's is that of App Service (`IDENTITY_ENDPOINT`)."""
        issuer = f"/{self._tenant.id}"
        return [
            Route(f"{issuer}/v2.0/.well-known/openid-configuration", self._discovery),
            Route(f"{issuer}/discovery/v2.0/keys", self._keys),
            Route("/identity", self._identity),
        ]

    async def _discovery(self, request: Request) -> Response:
        del request
        root = f"{self._base}/{self._tenant.id}"
        return JSONResponse({"issuer": f"{root}/v2.0", "jwks_uri": f"{root}/discovery/v2.0/keys"})

    async def _keys(self, request: Request) -> Response:
        del request
        self.key_fetches += 1
        return JSONResponse(self._signer.keys())

    async def _identity(self, request: Request) -> Response:
        if request.headers.get("x-identity-header") != self._secret:
            return JSONResponse({"statusCode": 401, "message": "Unauthorized"}, 401)
        token = self._signer.of_the_service(self._tenant.id, self._tenant.permissions)
        expires = str(int(time.time()) + SECONDS)
        return JSONResponse({"access_token": token, "expires_on": expires, "resource": "", "token_type": "Bearer"})


def application(tenant: Tenant, signer: Signer, base: str, secret: str) -> Starlette:
    """Return the stand-in."""
    return Starlette(routes=[*SignInService(tenant, signer, base, secret).routes(), *Graph(tenant, signer).routes()])


async def run(port: int, data: Path) -> None:
    """Serve until a signal arrives, then keep the passwords."""
    stopping = asyncio.Event()
    stop_on_signals(stopping)
    kept = KeptTenant(data)
    tenant = kept.tenant()
    kept.keep(tenant)
    app = application(tenant, Signer(), base_address(port), SECRET)
    await serve_until(stopping, loopback_server(app, port, http=DroppableProtocol))
    kept.keep(tenant)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m local.entra", description="Stand-in for Microsoft Entra ID.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="the folder in which passwords are kept")
    parser.add_argument(FLAG, action="store_true", help=ABOUT)
    options = parser.parse_args()
    if options.tethered:
        tether()
    logs.configure()
    asyncio.run(run(options.port, options.data))
    return 0


if __name__ == "__main__":
    sys.exit(main())
