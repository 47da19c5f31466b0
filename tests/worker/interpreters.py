"""The Python that Azure runs the app on, with an environment that has Microsoft's worker library."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.setup import stamps
from local.setup.locks import DEPLOYED
from local.stack.parts import ROOT

WORKER = ROOT / "requirements" / "worker.txt"


def deployed_pythons() -> list[Path]:
    """Return the Pythons of the deployed version that start here. The shim of a version manager may start none."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return []  # what ships is locked for Linux on x86-64
    folders = [*os.get_exec_path(), *sorted(Path.home().glob(f".pyenv/versions/{DEPLOYED}*/bin"))]
    found = [Path(python) for folder in folders if (python := shutil.which(f"python{DEPLOYED}", path=str(folder)))]
    return [python for python in found if subprocess.call([python, "-c", ""], stderr=subprocess.DEVNULL) == 0]


def environment_of(python: Path, *locks: Path) -> Path:
    """Return the interpreter of an environment with some locked packages and Microsoft's worker library.

    The environment is in `.worker/` and is kept until the locks change. An incomplete one is created again.
    """
    locks = (*locks, WORKER)
    folder = ROOT / ".worker" / f"{DEPLOYED}-{stamps.digest([*locks], str(python.resolve()))[:12]}"
    inside, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists():
        create: list[str | Path] = [python, "-m", "venv", "--clear", folder]
        pip: list[str | Path] = [
            inside,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "-q",
            "--require-hashes",
        ]
        for command in (create, *([*pip, "--no-deps", "-r", lock] for lock in locks)):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
        complete.touch()
    return inside


def run_as_deployed(*arguments: str | Path, folder: Path, **settings: str) -> str:
    """Run the deployed Python in a folder, with the worker library alone and none of our variables. Return its output.

    Without such a Python the test is skipped, which is a failure under CI (tests/conftest.py).
    """
    pythons = deployed_pythons()
    if not pythons:
        pytest.skip(f"no Python {DEPLOYED} for Linux on x86-64 starts here; to install one: pyenv install {DEPLOYED}")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SESAME_", "PYTHON"))}
    done = subprocess.run(
        [environment_of(pythons[0]), "-I", "-B", *arguments],
        cwd=folder,
        env=clean | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
