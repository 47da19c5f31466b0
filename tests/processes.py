"""Parts of the local stack as processes that a test starts and ends."""

import os
import secrets
import signal
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from local.stack import azurite as store
from local.stack import parts
from local.stack.ports import Ports
from local.strict_store.store import Background, StrictStore

ACCOUNTS = 400  # more than any run of the suite asks for
READY_WITHIN = 60.0


class Process:
    """One running part and its log."""

    def __init__(self, part: parts.Part, environment: Mapping[str, str], log: Path) -> None:
        self.part = part
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                part.command,
                cwd=parts.ROOT,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> None:
        end = time.monotonic() + READY_WITHIN
        while not self.part.is_ready():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.part.name} did not start:\n{self.log.read_text('utf-8', 'replace')[-4000:]}")
            time.sleep(0.03)

    def end(self, number: signal.Signals | None = None) -> int:
        """Send a signal (the part's own stop signal by default) and wait; returns the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(number or self.part.stop_signal)
        try:
            code = self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()
        return code


class AzuriteServer:
    """The store, with one account for each test that wants to be alone. Tables and queues are as strict as Azure's."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._accounts = {f"test{n:04}": b64encode(secrets.token_bytes(32)).decode() for n in range(ACCOUNTS)}
        self._unused = iter(self._accounts.items())
        self.straight, self._strict = Ports.free(0), Ports.free(0)
        known = ";".join(f"{name}:{key}" for name, key in self._accounts.items())
        environment = {**os.environ, "AZURITE_ACCOUNTS": known}
        self._processes = (
            Process(parts.azurite_part(parts.Place(data), self.straight), environment, data / "azurite.log"),
            Process(parts.strict_store_part(self._strict, self.straight), os.environ, data / "strict_store.log"),
        )
        for process in self._processes:
            process.wait_until_ready()
        self._background = Background()

    def new_account(self) -> str:
        """Return the connection string of an account that nobody has used yet."""
        return self._connection(self._strict.table, self._strict.queue)

    @contextmanager
    def new_store(self) -> Iterator[StrictStore]:
        """Yield such an account behind proxies of its own, which the test controls."""
        strict = StrictStore(self.straight.table, self.straight.queue)
        self._background.run(strict.listen())
        strict.connection = self._connection(strict.tables.port, strict.queues.port)
        yield strict
        self._background.run(strict.close())

    def stop(self) -> None:
        self._background.close()
        for process in reversed(self._processes):
            process.end()

    def _connection(self, table: int, queue: int) -> str:
        account, key = next(self._unused)
        return store.connection_string(replace(self.straight, table=table, queue=queue), account, key)
