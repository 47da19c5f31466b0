"""`python -m local.run` from the outside: start, kill, stop, restart."""

import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.file_lock import FileLock
from local.stack.environment import base_address
from local.stack.parts import ROOT, CannotWork, Place, api_part
from local.stack.ports import Ports
from tests.processes import Process

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; the stack itself is best effort elsewhere"),
]
PLAIN = Path(__file__).parent / "apps" / "plain"
UP_WITHIN = 40.0


def broken_app(folder: Path) -> Path:
    """Return an app that cannot be indexed."""
    app = folder / "app"
    app.mkdir()
    shutil.copyfile(PLAIN / "host.json", app / "host.json")
    (app / "function_app.py").write_text("app = None\n")
    return app


def free_base(instances: int) -> int:
    while True:
        base = random.randrange(27000, 32000, 100)
        if not Ports.moved(base, instances).taken():
            return base


class Run:
    """A supervisor process with its own data."""

    def __init__(self, data: Path, *, instances: int = 1, base: int | None = None, app: Path = PLAIN) -> None:
        self.data = data
        self.base = base or free_base(instances)
        data.mkdir(parents=True, exist_ok=True)
        self.output = data / "output.txt"
        environment = {**os.environ, "SESAME_NOTES": str(data / "notes")}
        command = [sys.executable, "-m", "local.run", "--data", str(data), "--app", str(app)]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, "--port-base", str(self.base), "--instances", str(instances)],
                cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def wait_until_up(self) -> dict[str, Any]:
        path = self.data / "stack.json"
        end = time.monotonic() + UP_WITHIN
        while not path.exists():
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < end, self.told()
            time.sleep(0.05)
        return self.stack()

    def stack(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "stack.json").read_text())
        return found

    def told(self) -> str:
        return self.output.read_text("utf-8", "replace")

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(40)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[list[Run]]:
    started: list[Run] = []
    yield started
    for run in started:
        run.end(signal.SIGTERM)


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def until(holds: Any, within: float = 15.0) -> None:
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.05)


def test_the_stack_restarts_a_killed_host_stops_cleanly_and_keeps_its_data(tmp_path: Path, runs: list[Run]) -> None:
    """A killed host comes back on its port, a stop leaves no process, and a second start is fast and keeps the data."""
    run = Run(tmp_path, instances=2)
    runs.append(run)
    stack = run.wait_until_up()
    assert stack["api"] == stack["instances"][0]
    assert len(stack["instances"]) == 2
    assert [httpx.get(f"{api}/api/word").text for api in stack["instances"]] == ["first", "first"]
    assert httpx.get(f"{stack['web']}/config.json").json() == {"api": stack["api"]}
    assert (tmp_path / "stack.json").stat().st_mode & 0o077 == 0
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0

    for name in ("api-2", "inbox"):
        before = stack["processes"][name]
        os.kill(before, signal.SIGKILL)
        until(lambda name=name, before=before: run.stack()["processes"][name] != before)
    assert httpx.get(f"{stack['instances'][1]}/api/word").text == "first"
    assert "api-2 ended (signal 9); starting it again." in run.told()

    processes = run.stack()["processes"].values()
    keys = (tmp_path / "keys.json").read_text()
    assert run.end() == 0, run.told()
    assert not any(map(alive, processes))
    assert not (tmp_path / "stack.json").exists()

    again = Run(tmp_path, base=run.base)
    runs.append(again)
    started = time.monotonic()
    people = again.wait_until_up()["people"]
    assert time.monotonic() - started < 10  # 2 s here; the machine may be busy with other tests
    assert people == stack["people"]
    assert (tmp_path / "keys.json").read_text() == keys


def test_killing_the_supervisor_ends_the_hosts_before_the_store_and_loses_nothing(
    tmp_path: Path, runs: list[Run]
) -> None:
    """Hosts finish what they do and end; only then the store ends, with every write that it acknowledged.

    A run that is started meanwhile waits for it: two stores on the same files would lose data.
    """
    run = Run(tmp_path, instances=2)
    runs.append(run)
    stack = run.wait_until_up()
    processes = stack["processes"]
    hosts = [pid for name, pid in processes.items() if name.startswith("api-")]
    sent: list[str] = []

    def send_until_refused(number: int) -> None:
        for count in itertools.count():
            with contextlib.suppress(httpx.TransportError):
                body = f"{number} {count}"
                if httpx.post(f"{stack['instances'][number % 2]}/api/send", json=[body]).status_code == 202:
                    sent.append(body)
                    continue
            return

    httpx.post(f"{stack['api']}/api/send", json=["takes 2"]).raise_for_status()
    with ThreadPoolExecutor(4) as pool:
        loads = [pool.submit(send_until_refused, number) for number in range(4)]
        until(lambda: len(sent) > 100)
        os.kill(run.process.pid, signal.SIGKILL)
        assert not FileLock(tmp_path / "data.lock").acquire()
        again = Run(tmp_path, base=run.base + 50)
        runs.append(again)
        while alive(processes["azurite"]):
            assert all(alive(processes[name]) for name in ("inbox", "web")) or not any(map(alive, hosts))
        assert not any(map(alive, hosts))
        assert [load.result() for load in loads] == [None] * 4

    until(lambda: not any(map(alive, processes.values())))
    again.wait_until_up()
    notes = tmp_path / "notes"
    until(lambda: {json.loads(line)["body"] for line in notes.read_text().splitlines()} >= {*sent, "takes 2"})
    assert '"finished"' in notes.read_text()


def test_a_second_run_in_the_same_folder_is_refused(tmp_path: Path, runs: list[Run]) -> None:
    """Two supervisors must not share data. The second one prints a message and ends."""
    first = Run(tmp_path)
    runs.append(first)
    until((tmp_path / "keys.json").exists)

    second = subprocess.run(
        [sys.executable, "-m", "local.run", "--data", str(tmp_path), "--port-base", str(free_base(1))],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert second.returncode == 1
    assert "running already" in second.stdout


def test_a_port_in_use_is_reported_and_nothing_starts(tmp_path: Path, runs: list[Run]) -> None:
    """The message names the port, its use, and --port-base."""
    base = free_base(1)
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as a server does: an earlier test had this port
        holder.bind(("127.0.0.1", base + 3))
        holder.listen()
        run = Run(tmp_path, base=base)
        runs.append(run)
        assert run.process.wait(20) == 1

    assert f"Port {base + 3} (inbox) is taken" in run.told()
    assert "--port-base" in run.told()


def test_an_app_that_cannot_start_ends_the_run_with_its_log(tmp_path: Path, runs: list[Run]) -> None:
    """No process is left running."""
    app = broken_app(tmp_path)
    run = Run(tmp_path / "data", app=app)
    runs.append(run)

    assert run.process.wait(UP_WITHIN) == 1
    assert "exactly one FunctionApp" in run.told()
    assert not Ports.moved(run.base, 1).taken()


def test_a_host_with_an_app_that_cannot_be_indexed_runs_and_knows_no_route(tmp_path: Path, storage: str) -> None:
    """As in Azure, where only a 404 tells of it; here the log and the status say why."""
    ports = Ports.free(1)
    part = api_part(Place(tmp_path, broken_app(tmp_path)), ports, 1)
    host = Process(part, {**os.environ, "AzureWebJobsStorage": storage}, tmp_path / "log")
    with pytest.raises(CannotWork, match="exactly one FunctionApp"):
        host.wait_until_ready()
    address = base_address(ports.api[0])
    assert httpx.get(f"{address}/admin/host/status").json()["state"] == "Running"
    assert httpx.get(f"{address}/api/v1/health/ready").status_code == 404
    assert host.end() == 0
    assert "so no function runs" in host.log.read_text("utf-8")


def test_invalid_settings_are_reported_before_anything_starts(tmp_path: Path) -> None:
    """All faults are reported together, and no store, inbox or host was started."""
    policy = '{"tries_per_code": 99, "nonsense": 1}'
    done = subprocess.run(
        [sys.executable, "-m", "local.run", "--data", str(tmp_path), "--port-base", str(free_base(1))],
        env={**os.environ, "SESAME_POLICY": policy},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert "tries_per_code" in done.stderr
    assert "nonsense" in done.stderr
    assert not (tmp_path / "logs").exists()
