"""`python -m local.spa --port 5173 --api http://127.0.0.1:7071`: the server of the built web app."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from local import logs
from local.serving import loopback_server, serve_until, stop_on_signals
from local.spa.static_site import StaticSite
from local.stack.parts import ROOT
from local.tether import ABOUT, FLAG, tether
from operate.organisation_page import organisation_of
from shared.validation.entra_apps import entra_apps


async def run(port: int, web: Path, api: list[str]) -> None:
    """Serve until a signal arrives."""
    stopping = asyncio.Event()
    stop_on_signals(stopping)
    helpdesk, setting = (os.environ.get(f"SESAME_{name}", "") for name in ("HELPDESK", "ORGANISATION"))
    microsoft, _ = entra_apps(os.environ, on_azure=False)  # the service reports faults
    site = StaticSite.read(web, api, organisation_of(setting, helpdesk, ROOT / "infra"), microsoft)
    app = Starlette(routes=[Route("/{path:path}", site.__call__, methods=["GET"])])
    await serve_until(stopping, loopback_server(app, port))


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m local.spa", description="The server of the built web app.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--api", nargs="+", required=True, help="base addresses of the host instances")
    parser.add_argument("--web", type=Path, default=ROOT / "web")
    parser.add_argument(FLAG, action="store_true", help=ABOUT)
    options = parser.parse_args()
    if options.tethered:
        tether()
    logs.configure()
    asyncio.run(run(options.port, options.web, options.api))
    return 0


if __name__ == "__main__":
    sys.exit(main())
