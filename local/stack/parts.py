"""The command of every part of the stack, and how to check that it is ready."""

import json
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local import tether
from local.stack import azurite
from local.stack.environment import base_address
from local.stack.ports import Ports, answers

ROOT = Path(__file__).parent.parent.parent
HOST_STATUS = "/admin/host/status"
AZURITE, STRICT_STORE, INBOX, WEB, SAMPLE = "azurite", "strict store", "inbox", "web", "sample"
LOCAL_LEASE = 20.0  # seconds; 600 in Azure, which is too long to wait locally after a kill


class CannotWork(Exception):
    """A part runs and says that it cannot do its work. The message is its reason."""


def api_name(number: int) -> str:
    """Return the name of a host instance, counting from 1."""
    return f"api-{number}"


@dataclass(frozen=True)
class Part:
    """One process of the stack. It stops when its standard input ends. `is_ready` raises CannotWork."""

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool]
    stop_signal: signal.Signals = signal.SIGTERM


@dataclass(frozen=True)
class Place:
    """Where a stack stores its data, and the app that it runs."""

    data: Path
    app: Path = ROOT


def azurite_part(place: Place, ports: Ports) -> Part:
    """Return the store."""
    command = tuple(azurite.command(place.data / "azurite", ports))
    return Part(AZURITE, command, lambda: all(map(answers, (ports.blob, ports.queue, ports.table))), signal.SIGINT)


def strict_store_part(ports: Ports, azurite_ports: Ports) -> Part:
    """Return the proxy that makes Azurite's tables and queues as strict as Azure's."""
    tables, queues = (ports.table, azurite_ports.table), (ports.queue, azurite_ports.queue)
    options = ("--tables", *map(str, tables), "--queues", *map(str, queues), tether.FLAG)
    command = (sys.executable, "-m", "local.strict_store", *options)
    return Part(STRICT_STORE, command, lambda: all(map(answers, (ports.queue, ports.table))))


def inbox_part(place: Place, ports: Ports) -> Part:
    """Return the stand-in for Azure Communication Services."""
    options = ("--port", str(ports.inbox), "--mailbox", str(place.data / "inbox.jsonl"))
    return _python(INBOX, "local.standin", options, f"{base_address(ports.inbox)}/messages")


def api_part(place: Place, ports: Ports, number: int, *, lease: float = LOCAL_LEASE) -> Part:
    """Return one host instance."""
    port = ports.api[number - 1]
    options = ("--port", str(port), "--app", str(place.app), "--state", str(place.data / "timers"))
    ready = base_address(port) + HOST_STATUS
    return _python(api_name(number), "local.host", (*options, "--lease", str(lease)), ready)


def web_part(ports: Ports) -> Part:
    """Return the server of the built web app."""
    options = ("--port", str(ports.web), "--api", *map(base_address, ports.api))
    return _python(WEB, "local.spa", options, f"{base_address(ports.web)}/config.json")


def sample_part(ports: Ports) -> Part:
    """Return the sample sign-in page."""
    options = ("--port", str(ports.sample), "--api", base_address(ports.api[0]))
    return _python(SAMPLE, "local.sample", options, f"{base_address(ports.sample)}/")


def seed_command(place: Place) -> tuple[str, ...]:
    """Return the command that creates tables, queues and demo people, then ends."""
    return (sys.executable, "-m", "local.seed", "--people", str(place.data / "people.json"))


def _python(name: str, module: str, options: tuple[str, ...], ready: str) -> Part:
    command = (sys.executable, "-m", module, *options, tether.FLAG)
    return Part(name, command, lambda: _answers_well(ready))


def _answers_well(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310  (our own loopback address)
            faults = json.load(answer).get("errors") if address.endswith(HOST_STATUS) else None
            if faults:
                raise CannotWork("; ".join(faults))
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
