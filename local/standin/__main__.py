"""`python -m local.standin --port 8025 --mailbox .local/inbox.jsonl`. The key comes from SESAME_ACS_ACCESS_KEY."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from starlette.applications import Starlette

from local import logs
from local.serving import loopback_server, serve_until, stop_on_signals
from local.standin.call_reports import Signer
from local.standin.call_wire import CallWire
from local.standin.faults import Faults
from local.standin.inbox import Inbox
from local.standin.message_store import MessageStore
from local.standin.phones import Phones
from local.standin.reports import Reports
from local.standin.transport import DroppableProtocol
from local.standin.wire import Wire
from local.tether import ABOUT, FLAG, tether


def application(store: MessageStore, faults: Faults, access_key: str, resource: str) -> Starlette:
    """Return the stand-in. `resource` is the id that its signed tokens are for."""
    wire, phones, signer = Wire(store, faults, access_key), Phones(store), Signer(resource)
    return Starlette(
        routes=[
            *wire.routes(),
            *CallWire(phones, faults, signer).routes(wire.signed),
            *signer.routes(),
            *Inbox(store, faults, phones).routes(),
            *Reports(store).routes(),
        ]
    )


async def run(port: int, path: Path, access_key: str, resource: str) -> None:
    """Serve until a signal arrives."""
    stopping = asyncio.Event()
    stop_on_signals(stopping)
    store = MessageStore(path)
    try:
        app = application(store, Faults(), access_key, resource)
        await serve_until(stopping, loopback_server(app, port, http=DroppableProtocol))
    finally:
        store.close()


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m local.standin", description="Stand-in for Azure Communication Services (SMS, email and calls)."
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mailbox", type=Path, required=True, help="file that stores accepted messages")
    parser.add_argument(FLAG, action="store_true", help=ABOUT)
    options = parser.parse_args()
    if options.tethered:
        tether()
    logs.configure()
    resource = os.environ.get("SESAME_VOICE_RESOURCE_ID", "")
    asyncio.run(run(options.port, options.mailbox, os.environ["SESAME_ACS_ACCESS_KEY"], resource))
    return 0


if __name__ == "__main__":
    sys.exit(main())
