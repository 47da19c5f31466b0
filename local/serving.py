"""uvicorn on loopback. The processes of the local stack handle signals themselves."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from local.loopback_only import LoopbackOnly

KEEP_ALIVE = 65  # seconds; longer than clients reuse a connection, otherwise requests would sometimes fail
GRACE = 5  # seconds for open requests when a part stops


class LoopbackServer(uvicorn.Server):
    """A uvicorn server that does not handle signals.

    uvicorn would raise a caught signal again after its shutdown, so every orderly stop would look like a failure.
    """

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield


def loopback_server(
    app: ASGIApp, port: int, *, open_prefix: str | None = None, grace: int = GRACE, **options: Any
) -> LoopbackServer:
    """Return a server on 127.0.0.1 that adds no headers and ignores forwarded addresses.

    It refuses pages of other sites. Below `open_prefix` the application decides which origins it takes.
    """
    return LoopbackServer(
        uvicorn.Config(
            LoopbackOnly(app, open_prefix),
            host="127.0.0.1",
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=grace,
            **options,
        )
    )


def stop_on_signals(stopping: asyncio.Event) -> None:
    """Set `stopping` on SIGINT and SIGTERM."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
        else:
            loop.add_signal_handler(number, stopping.set)


async def serve_until(stopping: asyncio.Event, server: LoopbackServer) -> None:
    """Serve until `stopping` is set or the server ends."""
    serving = asyncio.create_task(server.serve())
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    stopping.set()
    server.should_exit = True
    waiting.cancel()
    await serving
