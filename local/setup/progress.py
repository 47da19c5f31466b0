"""Runs long steps and shows what runs and for how long. Output goes to a log that is shown if the step fails."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from local.file_lock import FileLock

ROOT = Path(__file__).parent.parent.parent
LOG = ROOT / ".local" / "logs" / "setup.log"
TAIL_LINES = 40
TICK = 1.0
_ALONE = FileLock(ROOT / ".local" / "setup.lock")


class StepFailed(Exception):
    """A step failed; the message contains the end of its output."""


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other `./sesame` is setting up this folder.

    Child processes inherit the lock. An installer whose `./sesame` was killed keeps it until it ends, because two
    installers in one folder would break each other's files.
    """
    waited = False
    while not _ALONE.acquire():
        if not waited:
            print("Waiting for another ./sesame that is setting up this folder...", flush=True)
            waited = True
        time.sleep(0.2)
    with _ALONE:
        yield


def run_step(
    title: str,
    command: Sequence[str],
    *,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    given: Path | None = None,
) -> None:
    """Run a command and print what it does. Its standard input is the file `given`, or empty."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    done = threading.Event()
    ticker = threading.Thread(target=_tick, args=(title, started, done))
    ticker.start()
    try:
        with LOG.open("wb") as log, (given or Path(os.devnull)).open("rb") as given_file:
            code = subprocess.call(
                command,
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=given_file,
                pass_fds=() if os.name == "nt" or _ALONE.descriptor is None else (_ALONE.descriptor,),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
    except OSError as error:
        raise StepFailed(f"{title}: {error}") from error
    finally:
        done.set()
        ticker.join()
    if code != 0:
        lines = LOG.read_text("utf-8", "replace").splitlines()[-TAIL_LINES:]
        raise StepFailed("\n".join([f"{title}: failed with {code}", *lines]))
    _say(f"{title}: {time.monotonic() - started:.0f} s", end="\n")


def _tick(title: str, started: float, done: threading.Event) -> None:
    """Print the elapsed seconds on one line of a terminal; elsewhere print one line at the start."""
    on_terminal = sys.stdout.isatty()
    if not on_terminal:
        _say(f"{title}...", end="\n")
    while not done.wait(TICK):
        if on_terminal:
            _say(f"{title}... {time.monotonic() - started:.0f} s", end="")


def _say(text: str, *, end: str) -> None:
    before = "\r\033[K" if sys.stdout.isatty() else ""
    print(f"{before}{text}", end=end, flush=True)
