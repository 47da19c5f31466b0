"""`./sesame test` and `./sesame check`: run every check and print its time. A failed check does not stop the others.

The static checks run in parallel and first. pytest runs last, so that its summary is the last output: in one process
more than there are processors, up to four, or in one if you choose the tests.
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from local import bicep
from local.setup.javascript import WEB, node_environment
from local.setup.node import npm_command
from local.setup.progress import ROOT
from local.stack.ports import SEGMENTS

BIN = Path(sys.executable).parent


SIDE_BY_SIDE = ("-n", str(min((os.cpu_count() or 1) + 1, SEGMENTS)), "--dist", "loadfile", "--no-loadscope-reorder")
"""A file is one unit: its fixtures are started once. Two fifths of the time is spent waiting for other processes."""


@dataclass(frozen=True)
class Check:
    """One command that must succeed."""

    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    missing: str = ""
    """What the machine lacks for it: the check is skipped, and fails under CI."""


@dataclass(frozen=True)
class Outcome:
    """The result of a check."""

    check: Check
    succeeded: bool
    seconds: float
    output: str


def static_checks() -> list[Check]:
    """Return the checks that need no running process."""
    checks = [
        Check("types (mypy)", (str(BIN / "mypy"),)),
        Check("format (ruff)", (str(BIN / "ruff"), "format", "--check", "--quiet", ".", "sesame")),
        Check("lint (ruff)", (str(BIN / "ruff"), "check", "--quiet", ".", "sesame")),
        Check(
            "Bicep (build, lint)",
            (sys.executable, "-m", "local.bicep"),
            missing="" if bicep.compiler() else bicep.HOW_TO_GET,
        ),
    ]
    if (ROOT / ".importlinter").exists():
        checks.append(Check("imports (import-linter)", (str(BIN / "lint-imports"), "--no-logo")))
    if (ROOT / "web" / "openapi.json").exists():
        checks.append(Check("OpenAPI copy", (sys.executable, "-m", "local.openapi", "--check")))
    if (WEB / "package.json").exists():
        checks.insert(0, Check("web app (types, tests)", (*npm_command(Path(sys.prefix)), "run", "check"), WEB))
    return checks


def main() -> int:
    """Run the checks that the command line asks for."""
    parser = argparse.ArgumentParser(prog="./sesame")
    parser.add_argument("verb", choices=["test", "check"])
    options, pytest_arguments = parser.parse_known_args()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        outcomes = list(pool.map(_timed, static_checks()))
    for outcome in outcomes:
        verdict = ("skipped" if outcome.check.missing else "passed") if outcome.succeeded else "FAILED"
        print(f"{outcome.check.name:<28} {verdict:<7} {outcome.seconds:5.1f} s  {outcome.check.missing}", flush=True)
    for outcome in outcomes:
        if not outcome.succeeded:
            print(f"\n--- {outcome.check.name} ---\n{outcome.output}", flush=True)
    failed = [outcome.check.name for outcome in outcomes if not outcome.succeeded]
    chosen = pytest_arguments or SIDE_BY_SIDE
    if options.verb == "test" and subprocess.call([sys.executable, "-m", "pytest", *chosen], cwd=ROOT) != 0:
        failed.append("tests (pytest)")
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _timed(check: Check) -> Outcome:
    if check.missing:
        return Outcome(check, not os.environ.get("CI"), 0.0, check.missing)
    started = time.monotonic()
    environment = {**os.environ, **(node_environment() if check.folder == WEB else {})}
    done = subprocess.run(
        check.command, cwd=check.folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    return Outcome(check, done.returncode == 0, time.monotonic() - started, done.stdout + done.stderr)


if __name__ == "__main__":
    sys.exit(main())
