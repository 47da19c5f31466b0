"""Calls the Azure CLI and azd: always for azd's subscription, never with a question, and read as JSON."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

LONGEST = 300
"""Seconds after which a call counts as failed. `az` has no limit of its own."""
QUIET = {
    "AZURE_CORE_ONLY_SHOW_ERRORS": "true",
    "AZURE_CORE_NO_COLOR": "true",
    "AZURE_CORE_COLLECT_TELEMETRY": "false",
    "AZURE_CORE_LOGIN_EXPERIENCE_V2": "false",
    # Otherwise a command that is missing would be installed, or asked for, in the middle of a deployment.
    "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no",
}
SIGNED_OUT = re.compile(r"AADSTS\d+|\baz login\b")
"""What `az` says if its session has ended, or if the tenant wants a new proof: waiting does not help."""
DECORATION = re.compile(r"\ufeff|\x1b\[[0-9;?]*[A-Za-z]")
"""A byte order mark and the colours of a terminal, which a wrapper of `az` can add."""
Found = TypeVar("Found")


class Stop(Exception):
    """The step cannot go on. The message is one sentence for the person who deploys."""


class Failed(Exception):
    """A call of `az` failed, or answered with something that is not JSON. The message is what `az` said."""


@dataclass(frozen=True)
class Az:
    """The Azure CLI for one subscription."""

    subscription: str
    tries: int
    pause: float
    """How often, and at what distance in seconds, a call is repeated that may be too early (Environment.patience)."""
    environ: Mapping[str, str] = field(default_factory=dict)

    def json(self, *words: str) -> Any:
        """Run a command and return its JSON, or None if it printed nothing.

        Raises:
            Stop: the Azure CLI is not installed, or not signed in any more.
            Failed: it refuses, does not answer in time, or prints something else.
        """
        # `az rest` finds the tenant of its token by the subscription; without one it uses the default subscription's.
        done = run("az", *words, "--subscription", self.subscription, "--output", "json", environ=self.environ)
        if done.returncode != 0 and SIGNED_OUT.search(done.stderr):
            raise Stop(
                f"The Azure CLI is not signed in any more ({last_words(done)}): run az login with the account that azd"
                " uses, then the same command again."
            )
        if done.returncode != 0:
            raise Failed(last_words(done))
        return json_in(done.stdout)

    def rest(self, method: str, path: str, version: str, *more: str) -> Any:
        """Call Azure Resource Manager; the path is relative to the subscription."""
        url = f"/subscriptions/{self.subscription}{path}?api-version={version}"
        return self.json("rest", "--method", method, "--url", url, *more)

    def principal(self) -> str:
        """Return the object id of who is signed in, person or service principal.

        It stands in the token: `az ad signed-in-user` knows no subscription, and asks in the default one's tenant.

        Raises:
            Failed: the token is not one.
        """
        answer = self.json("account", "get-access-token")
        try:
            _, claims, _ = answer["accessToken"].split(".")
            return str(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["oid"])
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise Failed("its token does not name who is signed in") from fault

    def until(self, look: Callable[[], Found], settled: Callable[[Found], bool], waiting_for: str) -> Found:
        """Repeat a look until its answer is settled or the tries are used up; return or raise the last outcome."""
        for turn in range(1, self.tries + 1):
            last = turn == self.tries
            try:
                found = look()
            except Failed:
                if last:
                    raise
            else:
                if last or settled(found):
                    return found
            if turn == 1:
                say(f"Waiting for {waiting_for} (up to {self.tries * self.pause / 60:.0f} minutes) ...")
            time.sleep(self.pause)
        raise Failed("it was not tried")


def run(program: str, *words: str, environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a program that may be a script of Windows (az.cmd), without a terminal to ask at.

    Raises:
        Stop: the program is not installed.
        Failed: it does not end in time.
    """
    path = shutil.which(program, path=environ.get("PATH"))
    if path is None:
        name = {"az": "The Azure CLI (az)", "azd": "The Azure Developer CLI (azd)"}.get(program, program)
        raise Stop(f"{name} was not found on PATH. Install it, then run the same azd command again.")
    try:
        return subprocess.run(  # noqa: S603  (the words are a list: no shell reads them)
            command_line(path, *words),
            env={**environ, **QUIET},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{program} did not answer within {LONGEST} seconds") from late
    except OSError as fault:
        raise Failed(f"{program} could not be started: {fault.strerror}") from fault


def command_line(path: str, *words: str) -> list[str] | str:
    """Return what to start: for a script of Windows, one line with every word in quotation marks.

    az.cmd repeats its words within parentheses, so that one of a word without quotation marks ends its block: in the
    name of an environment, or in the home folder of a person (Azure/azure-dev issue 2727). No word has marks itself.
    """
    if path.lower().endswith((".cmd", ".bat")):
        return " ".join(f'"{word}"' for word in (path, *words))
    return [path, *words]


def json_in(printed: str) -> Any:
    """Return the JSON among what a program printed, or None if it printed nothing.

    Raises:
        Failed: it printed something else.
    """
    said = DECORATION.sub("", printed)
    if not said.strip():
        return None
    for start in _starts(said):
        try:
            answer, end = json.JSONDecoder().raw_decode(said, start)
        except ValueError:
            continue
        if not said[end:].partition("\n")[0].strip():
            return answer
    raise Failed(f"it printed no JSON: {one_line(said)}")


def last_words(done: "subprocess.CompletedProcess[str]") -> str:
    """Return why a call failed: its line with ERROR if there is one, and of a traceback what it is about."""
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR")]
    telling = [line for line in errors if not line.endswith("traceback:")]
    if any(line.startswith("Traceback ") for line in lines):
        telling += lines[-1:]
    return one_line(next(iter(telling or lines), f"exit code {done.returncode}"))


def listed(answer: Any) -> list[dict[str, Any]]:
    """Return the items of a list. No answer is not an empty list: an existing budget or vault would look new."""
    items = answer.get("value") if isinstance(answer, dict) else answer
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Failed("it did not answer with a list")
    return items


def one_line(text: str) -> str:
    """Return a text of others as one short line."""
    return " ".join(text.split())[:300].rstrip(".")


def say(text: str) -> None:
    """Print at once: azd shows a hook's output while it runs."""
    print(text, flush=True)


def warn(text: str) -> None:
    """Print to the error stream."""
    print(text, file=sys.stderr, flush=True)


def surroundings() -> dict[str, str]:
    """Return the environment that azd gave to the hook."""
    return dict(os.environ)  # noqa: TID251  (this program has no wiring; azd's variables are its input)


def _starts(text: str) -> Iterator[int]:
    """Yield where each line starts: a warning can stand before the JSON, and after it."""
    start = 0
    for line in text.splitlines(keepends=True):
        yield start
        start += len(line)
