"""The package that azd builds: it contains exactly the files that run. tests/worker runs it."""

import os
import shutil
import subprocess
from pathlib import Path

import pathspec
import pytest

from local.stack.parts import ROOT

AT_THE_ROOT = {"function_app.py", "host.json", "requirements.txt"}
ALWAYS_LEFT_OUT = {".funcignore", "local.settings.json"}
"""Files that azd always leaves out."""


def package_of(folder: Path) -> set[str]:
    """Return every file that .funcignore includes. Like azd, it does not enter excluded folders."""
    ignored = pathspec.GitIgnoreSpec.from_lines((folder / ".funcignore").read_text("utf-8").splitlines())
    shipped = set()
    for place, folders, files in os.walk(folder):
        inside = Path(place).relative_to(folder)
        folders[:] = [name for name in folders if not ignored.match_file(f"{(inside / name).as_posix()}/")]
        shipped |= {(inside / name).as_posix() for name in files if not ignored.match_file((inside / name).as_posix())}
    return shipped - ALWAYS_LEFT_OUT


def committed(*folders: str) -> set[str]:
    """Return the files in some folders that git tracks or is about to add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name for name in listed.splitlines() if (ROOT / name).is_file()}


def test_the_package_contains_exactly_the_files_that_run() -> None:
    """Three files and two folders, as git knows them: no test, template, key or cache."""
    wanted = {name for name in committed("functions", "shared") if not name.endswith(".md")}

    assert package_of(ROOT) == AT_THE_ROOT | wanted
    assert not {Path(name).suffix for name in package_of(ROOT)} & {".pyc", ".pem", ".key", ".env", ".sqlite"}


@pytest.mark.parametrize(
    "stray", ["notes.txt", "functions/__pycache__/me.cpython-313.pyc", ".env", "local.settings.dev.json", "old/app.py"]
)
def test_a_stray_file_is_excluded_from_the_package_or_fails_the_test(stray: str, tmp_path: Path) -> None:
    """A file that nobody meant to ship is left out, or fails the test above."""
    (tmp_path / stray).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / stray).write_text("stray", "utf-8")
    shutil.copyfile(ROOT / ".funcignore", tmp_path / ".funcignore")

    noticed = stray in {"notes.txt", "old/app.py"}

    assert package_of(tmp_path) == ({stray} if noticed else set())
