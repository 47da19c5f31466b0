"""The Python versions on which the app is indexed, each with an environment from `requirements.txt` only."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from local.setup import stamps
from local.stack.parts import ROOT

ENVIRONMENTS = ROOT / ".worker"
LOCKS = (ROOT / "requirements.txt", ROOT / "requirements" / "worker.txt")
DEPLOYED = "3.13"


def deployed_pythons() -> list[Path]:
    """Return every installed Python of the deployed version.

    Shims of version managers that start no Python are skipped.
    """
    folders = [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]
    folders += sorted(Path.home().glob(f".pyenv/versions/{DEPLOYED}*/bin"))
    found: dict[str, Path] = {}
    for candidate in (folder / f"python{DEPLOYED}" for folder in folders):
        if candidate.exists() and (prefix := _starts(candidate)):
            found.setdefault(prefix, candidate)
    return list(found.values())


def _starts(python: Path) -> str | None:
    """Return the path of the interpreter if it starts and is not in a virtual environment."""
    asked = "import sys; print(sys.version_info[:2] == (3, 13) and sys.base_prefix)"
    try:
        answer = subprocess.run([python, "-c", asked], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    prefix = answer.stdout.strip()
    return prefix if answer.returncode == 0 and prefix != "False" else None


def environment_of(python: Path) -> Path:
    """Return the interpreter of an environment with the app's locked packages and Microsoft's worker library.

    The environment is in `.worker/` and is kept until the locks change. An incomplete one is created again.
    """
    version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    key = hashlib.sha256(f"{stamps.digest(LOCKS)} {python.resolve()}".encode()).hexdigest()[:12]
    folder = ENVIRONMENTS / f"{version}-{key}"
    inside = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    complete = folder / "complete"
    if not complete.exists():
        _run([str(python), "-m", "venv", "--clear", str(folder)])
        pip = [str(inside), "-m", "pip", "install", "--disable-pip-version-check", "-q", "--require-hashes", "-r"]
        _run([*pip, str(LOCKS[0])])
        # The library declares 3.13, and is pure Python that also runs on 3.11.
        _run([*pip, str(LOCKS[1]), "--no-deps", "--ignore-requires-python"])
        complete.touch()
    return inside


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
