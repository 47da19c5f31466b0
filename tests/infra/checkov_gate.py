"""Runs checkov in a locked environment of its own and returns its findings for a folder.

The exit code is not used: checkov exits with 0 even when it cannot read a file.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from local.setup import stamps
from local.stack.parts import ROOT

LOCK = ROOT / "requirements" / "checkov.txt"
BIN = "Scripts" if sys.platform == "win32" else "bin"


@dataclass(frozen=True)
class Verdict:
    """The findings of one run."""

    failed: frozenset[tuple[str, str]]
    """Check and resource."""
    parsing_errors: tuple[str, ...]
    files_seen: frozenset[str]


def environment() -> Path:
    """Return the folder of the environment's programs. The environment is rebuilt when the lock or Python changes."""
    key = stamps.digest([LOCK], sys.version)[:12]
    folder = ROOT / ".worker" / f"checkov-{key}"
    complete = folder / "complete"
    if not complete.exists():
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        uv = Path(sys.executable).parent / "uv"
        python = folder / BIN / "python"
        # Bytecode is compiled in advance: checkov has 5,000 files, and compiling them each time takes longer than the
        # checks.
        options = ("-q", "--require-hashes", "--compile-bytecode", "--python", str(python), "-r", str(LOCK))
        _run([str(uv), "pip", "install", *options])
        complete.touch()
    return folder / BIN


def judge(folder: Path) -> Verdict:
    """Run every Bicep check of checkov on a folder."""
    command = [
        str(environment() / "checkov"),
        "-d",
        str(folder),
        "--framework",
        "bicep",
        "--skip-download",
        "-o",
        "json",
    ]
    quiet = {**os.environ, "LOG_LEVEL": "CRITICAL", "BC_SKIP_MAPPING": "TRUE", "CHECKOV_RENDER_MAX_LEN": "0"}
    done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stdout[-2000:] + done.stderr[-2000:]
    answer = json.loads(done.stdout)
    if isinstance(answer, list):  # one entry for each framework that found files to read
        answer = next(entry for entry in answer if entry["check_type"] == "bicep")
    results = answer.get("results", {})
    verdicts = [*results.get("passed_checks", []), *results.get("failed_checks", [])]
    return Verdict(
        failed=frozenset((check["check_id"], check["resource"]) for check in results.get("failed_checks", [])),
        parsing_errors=tuple(results.get("parsing_errors", [])),
        files_seen=frozenset(check["file_path"].lstrip("/") for check in verdicts),
    )


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
