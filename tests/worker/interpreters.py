"""Which Pythons the app is indexed on, and an environment for each, made from `requirements.txt` alone."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from local.setup import stamps
from local.stack.parts import ROOT

ENVIRONMENTS = ROOT / ".worker"
LOCKS = (ROOT / "requirements.txt", ROOT / "requirements-worker.txt")
DEPLOYED = "3.13"


def deployed_pythons() -> list[Path]:
    """Return every Python of the deployed version that starts; a shim without a version behind it does not."""
    folders = [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]
    folders += sorted(Path.home().glob(f".pyenv/versions/{DEPLOYED}*/bin"))
    found: dict[str, Path] = {}
    for candidate in (folder / f"python{DEPLOYED}" for folder in folders):
        if candidate.exists() and (prefix := _starts(candidate)):
            found.setdefault(prefix, candidate)
    return list(found.values())


def _starts(python: Path) -> str | None:
    """Return where the interpreter lives when it starts, and is not itself a virtual environment's."""
    asked = "import sys; print(sys.version_info[:2] == (3, 13) and sys.base_prefix)"
    try:
        answer = subprocess.run([python, "-c", asked], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    prefix = answer.stdout.strip()
    return prefix if answer.returncode == 0 and prefix != "False" else None


def environment_of(python: Path) -> Path:
    """Return the interpreter of an environment with the app's locked packages and Microsoft's worker library.

    Kept under `.worker/` for as long as the locks stay the same; one that was broken off is made anew.
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
        # The library declares 3.13, and is pure Python that runs on 3.11 too.
        _run([*pip, str(LOCKS[1]), "--no-deps", "--ignore-requires-python"])
        complete.touch()
    return inside


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
