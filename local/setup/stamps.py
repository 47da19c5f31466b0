"""Records the inputs of a step, so that it runs again only when they change."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from local.setup.progress import ROOT

FOLDER = ROOT / ".venv" / "stamps"


def digest(paths: Iterable[Path], *facts: str) -> str:
    """Return one hash of the names and contents of files, and of other inputs."""
    total = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        total.update(f"{path.name}\0{len(content)}\0".encode() + content)
    for fact in facts:
        total.update(f"{fact}\0".encode())
    return total.hexdigest()


def is_current(name: str, wanted: str) -> bool:
    """Return whether the step was completed with these inputs."""
    path = FOLDER / name
    return path.exists() and path.read_text("utf-8") == wanted


def forget(name: str) -> None:
    """Mark the step as under way. If it is interrupted, it counts as not done."""
    (FOLDER / name).unlink(missing_ok=True)


def remember(name: str, done_for: str) -> None:
    """Mark the step as done for these inputs."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_text(done_for, "utf-8")
