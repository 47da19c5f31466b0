"""The local stack for tests: real Azurite, the ACS stand-in and any number of hosts, on free ports, as processes.

    azurite      (session)   one store; `azurite.new_account()` gives a connection string that nobody else uses
    strict       (function)  such an account behind proxies of its own, which the test controls (local/strict_store)
    storage      (function)  its connection string: empty tables, empty queues
    start_stack  (module)    a factory: `stack = start_stack(instances=3, environment={"SESAME_POLICY": ...})`

`tests/conftest.py` makes them known to every test; nothing has to be imported but the types.
Everything is synchronous: the servers are processes, so a short blocking call in an async test holds up nothing.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.stack import parts
from local.stack.environment import base_address, service_environment
from local.stack.keys import fresh_keys
from local.stack.ports import Ports
from local.strict_store.store import StrictStore
from tests.processes import AzuriteServer, Process


@dataclass
class Stack:
    """A running stack; `environment` holds the settings that its hosts run with, for in-process wiring in tests."""

    data: Path
    ports: Ports
    environment: Mapping[str, str]
    place: parts.Place
    lease: float
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def instances(self) -> list[str]:
        return [base_address(port) for port in self.ports.api]

    @property
    def api(self) -> str:
        return self.instances[0]

    @property
    def web(self) -> str:
        return base_address(self.ports.web)

    @property
    def sample(self) -> str:
        return base_address(self.ports.sample)

    @property
    def inbox(self) -> str:
        return base_address(self.ports.inbox)

    @property
    def storage_connection(self) -> str:
        return self.environment["SESAME_STORAGE_CONNECTION"]

    @property
    def people(self) -> dict[str, str]:
        """The demo people's first passwords by identifier."""
        entries = json.loads((self.data / "people.json").read_text("utf-8"))
        return {entry["identifier"]: entry["password"] for entry in entries}

    def start(self, *names: str) -> None:
        """Start parts by name, side by side, and wait for each: `inbox`, `web`, `api-1`, `api-2`..."""
        for name in names:
            self.processes[name] = Process(self._part(name), self.environment, self.log_path(name))
        for name in names:
            self.processes[name].wait_until_ready()

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """End one part, by default as hard as the system can; returns its exit code."""
        return self.processes.pop(name).end(number)

    def restart(self, name: str) -> None:
        """Start a part that was killed, on the same port; one that runs is stopped first."""
        if name in self.processes:
            self.kill(name, self.processes[name].part.stop_signal)
        self.start(name)

    def seed(self) -> None:
        """Make tables, queues and the demo people, as `./sesame run` does."""
        done = subprocess.run(
            parts.seed_command(self.place),
            check=False,
            cwd=parts.ROOT,
            env=dict(self.environment),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def messages(self, *, to: str | None = None, since: str | None = None) -> list[dict[str, str]]:
        """Return what the stand-in accepted, oldest first."""
        wanted = {name: value for name, value in {"to": to, "since": since}.items() if value is not None}
        answer = httpx.get(f"{self.inbox}/messages", params=wanted)
        answer.raise_for_status()
        found: list[dict[str, str]] = answer.json()
        return found

    def wait_for_messages(
        self, count: int = 1, *, to: str | None = None, since: str | None = None, within: float = 20.0
    ) -> list[dict[str, str]]:
        """Wait until at least `count` messages are there and return them, oldest first."""
        end = time.monotonic() + within
        while len(found := self.messages(to=to, since=since)) < count:
            assert time.monotonic() < end, f"{len(found)} of {count} messages to {to or 'anybody'} within {within} s"
            time.sleep(0.05)
        return found

    def fault(self, channel: str, fault: str, *, to: str | None = None, times: int = 1) -> None:
        """Make the stand-in fail: `throttled`, `invalid`, `slow`, `drop` or `accept_then_drop`."""
        body: dict[str, Any] = {"channel": channel, "fault": fault, "times": times}
        httpx.post(f"{self.inbox}/faults", json=body | ({"to": to} if to else {})).raise_for_status()

    def fire(self, function: str, *, instance: int = 1) -> None:
        """Start a timer (or a queue function) by hand in one instance; the run follows."""
        address = f"{self.instances[instance - 1]}/admin/functions/{function}"
        assert httpx.post(address, json={"input": ""}).status_code == 202

    def log_path(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"

    def log(self, name: str) -> str:
        path = self.log_path(name)
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def stop(self) -> None:
        for name in reversed(list(self.processes)):
            self.processes.pop(name).end()

    def _part(self, name: str) -> parts.Part:
        if name == parts.INBOX:
            return parts.inbox_part(self.place, self.ports)
        if name == parts.WEB:
            return parts.web_part(self.ports)
        if name == parts.SAMPLE:
            return parts.sample_part(self.ports)
        return parts.api_part(self.place, self.ports, int(name.removeprefix("api-")), lease=self.lease)


StartStack = Callable[..., Stack]


@pytest.fixture(scope="session")
def azurite() -> Iterator[AzuriteServer]:
    with tempfile.TemporaryDirectory(prefix="sesame-azurite-", ignore_cleanup_errors=True) as folder:
        server = AzuriteServer(Path(folder))
        yield server
        server.stop()


@pytest.fixture
def strict(azurite: AzuriteServer, request: pytest.FixtureRequest) -> Iterator[StrictStore]:
    """With the mark `short_pages`, it returns one item a page, and an empty page before each."""
    with azurite.new_store() as store:
        if request.node.get_closest_marker("short_pages"):
            store.cut_pages(1, with_empty=True)
        yield store


@pytest.fixture
def storage(strict: StrictStore) -> str:
    return strict.connection


@pytest.fixture(scope="module")
def start_stack(azurite: AzuriteServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartStack]:
    started: list[Stack] = []

    def start(
        *,
        instances: int = 1,
        environment: Mapping[str, str] | None = None,
        app: Path = parts.ROOT,
        web: bool = False,
        lease: float = parts.LOCAL_LEASE,
        seed: bool = True,
        storage: str | None = None,
    ) -> Stack:
        """Start a stack of its own account; `app` is another folder with a function_app.py, for tests of the host."""
        data = tmp_path_factory.mktemp("stack")
        ports = Ports.free(instances)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SESAME_")}
        settings = service_environment(
            {**clean, **(environment or {})}, ports, fresh_keys(), storage or azurite.new_account()
        )
        stack = Stack(data, ports, settings, parts.Place(data, app), lease)
        started.append(stack)
        if seed and app == parts.ROOT:
            stack.seed()
        stack.start(parts.INBOX, *([parts.WEB] if web else []), *map(parts.api_name, range(1, instances + 1)))
        return stack

    yield start
    for stack in started:
        stack.stop()
