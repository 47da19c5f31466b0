"""`python -m local.host --port 7071`: one instance of the Functions host."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from local import logs
from local.host.calling import Invoker
from local.host.http_door import HttpDoor
from local.host.loading import IndexingError, LoadedFunction, load
from local.host.queue_clients import QueueClients
from local.host.queue_trigger import QueueTrigger
from local.host.settings import AZURE_GRACE, AZURE_LEASE, HostSettings
from local.host.timer_trigger import TimerTrigger
from local.serving import loopback_server, serve_until, stop_on_signals
from local.tether import ABOUT, FLAG, tether

logger = logging.getLogger("host")


async def run(settings: HostSettings, environment: Mapping[str, str]) -> None:
    """Index the app, serve it, and run its queue and timer triggers until a signal arrives."""
    functions, fault = _indexed(settings.app_root, environment)
    clients = QueueClients(environment["AzureWebJobsStorage"])
    invoker = Invoker(clients, settings.function_timeout)
    stopping, draining_done = asyncio.Event(), asyncio.Event()
    stop_on_signals(stopping)
    timers = {f.name: TimerTrigger(f, invoker, settings.state) for f in functions if f.trigger.kind == "timerTrigger"}
    queues = [QueueTrigger(f, clients, invoker, settings.queues) for f in functions if f.trigger.kind == "queueTrigger"]
    door = HttpDoor(functions, settings, invoker, timers, fault)
    listeners = [asyncio.create_task(queue.run(draining_done)) for queue in queues]
    listeners += [asyncio.create_task(timer.run(draining_done)) for timer in timers.values()]
    logger.info("host started", extra={"functions": [function.name for function in functions], "port": settings.port})
    try:
        await serve_until(
            stopping, loopback_server(door, settings.port, open_prefix=f"/{settings.route_prefix}/", grace=AZURE_GRACE)
        )
        draining_done.set()  # as in Azure: while requests are drained, queues are still polled and timers fire
        if listeners:
            await asyncio.wait(listeners, timeout=AZURE_GRACE)
    finally:
        for task in listeners:
            task.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)
        await clients.close()
    logger.info("host stopped")


def _indexed(app: Path, environment: Mapping[str, str]) -> tuple[tuple[LoadedFunction, ...], str]:
    """Return the functions, or none and the reason.

    As in Azure the host runs all the same, says that it does, and answers 404 to everything. There it gives no reason.
    """
    try:
        return load(app, environment), ""
    except Exception as fault:  # an import may raise anything
        logger.critical("the app cannot be indexed, so no function runs: %s", fault, exc_info=fault)
        return (), f"the app cannot be indexed: {fault}"


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m local.host", description="The local Functions host.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--app", type=Path, default=Path.cwd(), help="folder of function_app.py and host.json")
    parser.add_argument("--state", type=Path, default=Path(".local/timers"), help="folder of the timers' locks")
    parser.add_argument(
        "--lease", type=float, default=AZURE_LEASE, help="lease of a queue message in seconds (Azure: 600)"
    )
    parser.add_argument(FLAG, action="store_true", help=ABOUT)
    options = parser.parse_args()
    if options.tethered:
        tether()
    logs.configure()
    app = options.app.resolve()
    try:
        settings = HostSettings.read(
            app, port=options.port, state=options.state, lease=options.lease, environment=os.environ
        )
        asyncio.run(run(settings, os.environ))
    except IndexingError as error:
        logger.critical("the host cannot start: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
