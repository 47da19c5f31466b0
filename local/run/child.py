"""One part of the stack as a child process that is restarted whenever it ends."""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from local.stack.parts import ROOT, CannotWork, Part

READY_WITHIN = 60.0
STOP_WITHIN = 45.0
"""Seconds. The Functions host may take its 30 s (`AZURE_GRACE`) and a little more; the real one was gone after 42."""
MOST_EARLY_DEATHS = 5  # in a row, each before the part was ready; after that a restart will not help
TAIL_LINES = 15


class GivenUp(Exception):
    """A part cannot start. The message names it and contains the end of its log."""


class Child:
    """A part, its process and its log.

    `stdin` is the part's standard input, by default a pipe that ends with this process. `keeps` are file descriptors
    that it holds open as long as it runs (not on Windows).
    """

    def __init__(
        self,
        part: Part,
        environment: Mapping[str, str],
        log: Path,
        changed: Callable[[], None],
        *,
        stdin: int = asyncio.subprocess.PIPE,
        keeps: Sequence[int] = (),
    ) -> None:
        self.part = part
        self.pid: int | None = None
        self._environment = dict(environment)
        self._log = log
        self._changed = changed
        self._stdin = stdin
        self._keeps = keeps if sys.platform != "win32" else ()
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def start(self) -> None:
        """Start the process and wait until it is ready."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as output:
            # The child gets its own session: Ctrl-C reaches only this process, which then stops the parts in order.
            self._process = await asyncio.create_subprocess_exec(
                *self.part.command, cwd=ROOT, env=self._environment, stdin=self._stdin, stdout=output, stderr=output,
                start_new_session=True, pass_fds=self._keeps,
            )  # fmt: skip
        self.pid = self._process.pid
        end = asyncio.get_running_loop().time() + READY_WITHIN
        while not await self._is_ready():
            if self._process.returncode is not None:
                raise GivenUp(f"{self.part.name} ended with {self._process.returncode}:\n{self.tail()}")
            if asyncio.get_running_loop().time() > end:
                raise GivenUp(f"{self.part.name} did not answer within {READY_WITHIN:.0f} s:\n{self.tail()}")
            await asyncio.sleep(0.05)
        self._changed()

    async def _is_ready(self) -> bool:
        try:
            return await asyncio.to_thread(self.part.is_ready)
        except CannotWork as fault:
            raise GivenUp(f"{self.part.name}: {fault}\n{self.tail()}") from fault

    async def keep(self) -> None:
        """Restart the process on the same port whenever it ends. Returns only after `stop`; raises `GivenUp`."""
        while self._process is not None:
            code = await self._process.wait()
            if self._stopping:
                return
            print(f"{self.part.name} ended ({_reason(code)}); starting it again.", flush=True)
            await self._revive()
            print(f"{self.part.name} runs again (process {self.pid}).", flush=True)

    async def _revive(self) -> None:
        for early_deaths in range(MOST_EARLY_DEATHS):
            await asyncio.sleep(0.3 * early_deaths)
            try:
                await self.start()
            except GivenUp as failure:
                await self._end(STOP_WITHIN)
                last = failure
            else:
                return
        raise GivenUp(f"{self.part.name} ended {MOST_EARLY_DEATHS} times before it was ready. {last}")

    async def stop(self) -> None:
        """Stop the process and wait for it. It is killed if it does not stop in time."""
        self._stopping = True
        await self._end(STOP_WITHIN)

    async def _end(self, patience: float) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                process.terminate()
            else:
                process.send_signal(self.part.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), patience)
        except TimeoutError:
            print(f"{self.part.name} does not stop; killing it.", flush=True)
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def tail(self) -> str:
        """Return the end of the log."""
        lines = self._log.read_text("utf-8", "replace").splitlines() if self._log.exists() else []
        return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:])


def _reason(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
