"""`python -m local.run`: one stack per folder."""

import argparse
import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from local.file_lock import FileLock
from local.run.child import GivenUp
from local.run.served import SERVED
from local.run.stack_run import StackRun
from local.stack import azurite
from local.stack.environment import service_environment
from local.stack.keys import kept_keys
from local.stack.parts import ROOT, Place
from local.stack.ports import MOST_INSTANCES, Ports
from operate.organisation_page import Unusable, organisation_of
from shared.settings import BadSettings, settings_from

LOCK = "run.lock"
DATA_LOCK = "data.lock"  # the store holds it too, so it outlives a supervisor that is killed
PREFILLED = '{"prefill_from_directory": ["email", "mobile_phone", "language"]}'
"""The policy beside a directory that is a server, unless SESAME_POLICY says another one."""
ENDS_WITHIN = 40.0  # seconds, for a stack whose supervisor was killed


def main() -> int:
    """Read the command line, check that the stack can start, and run it."""
    options = _options()
    place = Place(options.data.resolve(), options.app.resolve())
    ports = Ports.usual(options.instances) if options.port_base is None else _moved(options)
    lock = FileLock(place.data / LOCK)
    if not lock.acquire():
        print("A stack is running already in this folder. Its addresses are in .local/stack.json.")
        print("Use it, or stop it with Ctrl-C in its terminal.")
        return 1
    data = FileLock(place.data / DATA_LOCK)
    if not _acquired(data):
        print("The store of an earlier run in this folder does not end. Its process is in .local/stack.json.")
        return 1
    served = SERVED[options.directory](place, ports) if options.directory in SERVED else None
    taken = ports.taken() | dict(served.taken if served else {})
    if taken:
        for name, port in taken.items():
            print(f"Port {port} ({name}) is taken by another program.")
        print("Stop that program, or move every port together: ./sesame run --port-base 20000")
        return 1
    keys = kept_keys(place.data / "keys.json")
    environment = service_environment(os.environ, ports, keys, azurite.connection_string(ports))
    if served:
        environment = {"SESAME_POLICY": PREFILLED, **environment, **served.settings}
    if place.app == ROOT:
        try:
            settings_from(environment)
            organisation_of(environment.get("SESAME_ORGANISATION", ""), "", ROOT / "infra")
        # Checked before anything starts, otherwise the service would report it only after the start.
        except (BadSettings, Unusable) as bad:
            faults = bad.faults if isinstance(bad, BadSettings) else [f"SESAME_ORGANISATION: {bad}"]
            print("The settings cannot be used:", *faults, sep="\n  ", file=sys.stderr)
            lock.release()
            return 2
    try:
        asyncio.run(_until_signal(StackRun(place, ports, environment, data, served.part if served else None)))
    except GivenUp as failure:
        print(f"\nThe stack was stopped: {failure}", file=sys.stderr)
        return 1
    finally:
        lock.release()
    return 0


def _acquired(data: FileLock) -> bool:
    """Wait for the lock: two stores on the same files would lose data."""
    end, told = time.monotonic() + ENDS_WITHIN, False
    while not data.acquire():
        if time.monotonic() > end:
            return False
        if not told:
            print("An earlier run in this folder was killed. Waiting until its parts have ended...", flush=True)
            told = True
        time.sleep(0.2)
    return True


async def _until_signal(stack: StackRun) -> None:
    """Run the stack. The first signal stops it in order; later signals have no effect."""
    running = asyncio.create_task(stack.run())
    asked = False

    def stop() -> None:
        nonlocal asked
        if not asked:
            asked = True
            running.cancel()

    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)
    try:
        await running
    except asyncio.CancelledError:
        if not asked:
            raise


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./sesame run", description="Run the whole stack on this machine.")
    parser.add_argument(
        "--port-base",
        type=int,
        metavar="N",
        help="move every port: store N, N+1, N+2; inbox N+3; web app N+4; sample N+5; directory N+6, N+7; API N+10 "
        "and up (otherwise 10000-10002, 8025, 5173, 5174, 7071 and up)",
    )
    parser.add_argument("--instances", type=int, default=1, metavar="N", help="host processes on one store (default 1)")
    parser.add_argument(
        "--directory",
        choices=("embedded", *SERVED),
        default="embedded",
        help="openldap and samba (Active Directory) start a real server with the demo people, entra a stand-in for "
        "Microsoft Entra with them (default embedded)",
    )
    parser.add_argument("--data", type=Path, default=ROOT / ".local", help=argparse.SUPPRESS)
    parser.add_argument("--app", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not 1 <= options.instances <= MOST_INSTANCES:
        parser.error(f"--instances must be 1 to {MOST_INSTANCES}")
    if options.port_base is not None and not 1024 <= options.port_base <= 65000:
        parser.error("--port-base must be 1024 to 65000")
    return options


def _moved(options: argparse.Namespace) -> Ports:
    return Ports.moved(options.port_base, options.instances)


if __name__ == "__main__":
    sys.exit(main())
