"""Creates `.venv` from the lock file, with hashes."""

import os
import subprocess
import sys
from pathlib import Path

from local.setup import stamps
from local.setup.progress import ROOT, StepFailed, run_step

ENVIRONMENT = ROOT / ".venv"
LOCK = ROOT / "requirements" / "dev.txt"
STAMP = "python"


def python() -> Path:
    """Return the interpreter of `.venv`."""
    return ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def prepare() -> None:
    """Bring `.venv` up to date with the lock file."""
    if not _works():
        options = ["--clear"] if ENVIRONMENT.exists() else []
        try:
            run_step("Making .venv", [sys.executable, "-m", "venv", *options, str(ENVIRONMENT)])
        except StepFailed as failure:
            raise StepFailed(f"{failure}\nOn Debian and Ubuntu: apt-get install python3-venv") from failure
    wanted = stamps.digest([LOCK], sys.version)
    if stamps.is_current(STAMP, wanted):
        return
    stamps.forget(STAMP)
    install(LOCK, "Installing the Python packages (the first time takes a minute)")
    stamps.remember(STAMP, wanted)


def install(lock: Path, title: str) -> None:
    """Install exactly the packages of a lock file."""
    options = ("--disable-pip-version-check", "--no-input", "--require-hashes", "-r", str(lock))
    run_step(title, [str(python()), "-m", "pip", "install", *options])


def _works() -> bool:
    """Return whether the interpreter of `.venv` starts; it does not after a move or an interrupted creation."""
    if not python().exists():
        return False
    try:
        return subprocess.run([python(), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
