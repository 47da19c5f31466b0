"""The package that azd builds: it contains exactly the files that run. tests/worker runs it."""

import os
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import pathspec
import pytest

from local.stack.parts import ROOT

AT_THE_ROOT = {"function_app.py", "host.json", "requirements.txt"}
PATTERNS = [line for line in (ROOT / ".funcignore").read_text("utf-8").splitlines() if line and line[0] != "#"]
GIT = pathspec.GitIgnoreSpec.from_lines(PATTERNS)
INSTALLED = ".python_packages/"


def azd_leaves_out(path: str, *, folder: bool) -> bool:
    """Match as azd does: the last pattern that fits decides (denormal/go-gitignore, pattern.go).

    Unlike git, a star in a pattern without other slashes goes across folders.
    """
    for line in reversed(PATTERNS):
        pattern = line.removeprefix("!").strip("/")
        if line.endswith("/") and not folder:
            continue
        if _fits(path.split("/"), pattern.split("/")) if "**" in pattern else fnmatchcase(path, pattern):
            return not line.startswith("!")
    return False


def _fits(path: list[str], pattern: list[str]) -> bool:
    if not pattern or not path:
        return not path and all(part == "**" for part in pattern)
    if pattern[0] == "**":
        return _fits(path, pattern[1:]) or _fits(path[1:], pattern)
    return fnmatchcase(path[0], pattern[0]) and _fits(path[1:], pattern[1:])


def package_of(folder: Path) -> set[str]:
    """Return every file that azd packs. It does not enter folders that it leaves out."""
    shipped = set()
    for place, folders, files in os.walk(folder):
        inside = Path(place).relative_to(folder)
        folders[:] = [name for name in folders if not azd_leaves_out((inside / name).as_posix(), folder=True)]
        shipped |= {(inside / name).as_posix() for name in files}
    return {name for name in shipped if not azd_leaves_out(name, folder=False)}


def committed(*folders: str) -> set[str]:
    """Return the files in some folders that git tracks or is about to add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name for name in listed.splitlines() if (ROOT / name).is_file()}


def test_the_package_contains_exactly_the_files_that_run() -> None:
    """Three files and two folders, as git knows them, beside what is installed: no test, template, key or cache."""
    packed = {name for name in package_of(ROOT) if not name.startswith(INSTALLED)}

    assert packed == AT_THE_ROOT | {name for name in committed("functions", "shared") if not name.endswith(".md")}
    assert not {Path(name).suffix for name in packed} & {".pyc", ".pem", ".key", ".env", ".sqlite"}


@pytest.mark.parametrize("line", PATTERNS)
def test_every_pattern_holds_at_the_root_only(line: str) -> None:
    """`tests/` alone would also strip a folder of a dependency."""
    assert line.removeprefix("!").startswith("/")


@pytest.mark.parametrize(
    ("path", "packed"),
    [
        ("notes.txt", False),
        (".env", False),
        (".venv/lib/x.py", False),
        ("sesame_env/lib/x.py", False),
        ("functions/__pycache__/me.cpython-313.pyc", False),
        ("shared/usecases/README.md", False),
        ("local.settings.json", False),
        ("old/functions/app.py", False),
        ("functions/.env", False),
        ("functions/local.settings.json", False),
        ("shared/adapters/._clock.py", False),
        ("shared/service.pem", False),
        ("shared/usecases/people.sqlite", False),
        ("functions/new.py", True),
        ("shared/messages/de.json", True),
        ("shared/messages/layout.html", True),
        ("shared/adapters/common_passwords/NOTICE", True),
        (f"{INSTALLED}lib/site-packages/azure/core/__init__.py", True),
        (f"{INSTALLED}lib/site-packages/certifi/tests/x.md", True),
        (f"{INSTALLED}lib/site-packages/web/local/docs/LICENSE", True),
    ],
)
def test_what_is_packed_is_the_same_for_azd_and_git(path: str, packed: bool) -> None:
    """A file that nobody meant to ship is left out; no folder of a dependency is."""
    parts = path.split("/")
    above = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
    left_out = any(azd_leaves_out(folder, folder=True) for folder in above) or azd_leaves_out(path, folder=False)

    assert left_out is GIT.match_file(path) is not packed
