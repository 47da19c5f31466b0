"""The package that azd would build: exactly the files that run, complete, and alone able to run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pathspec
import pytest

from local.stack.parts import ROOT
from tests.worker.interpreters import deployed_pythons, environment_of

INDEXER = ROOT / "tests" / "worker" / "index_with_runtime.py"
AT_THE_ROOT = {"function_app.py", "host.json", "requirements.txt"}
ALWAYS_LEFT_OUT = {".funcignore", "local.settings.json"}
"""What azd leaves out whatever .funcignore says."""


def package_of(folder: Path) -> set[str]:
    """Every file that .funcignore lets pass, as azd walks: a folder that is left out is not entered."""
    ignored = pathspec.GitIgnoreSpec.from_lines((folder / ".funcignore").read_text("utf-8").splitlines())
    shipped = set()
    for place, folders, files in os.walk(folder):
        inside = Path(place).relative_to(folder)
        folders[:] = [name for name in folders if not ignored.match_file(f"{(inside / name).as_posix()}/")]
        shipped |= {(inside / name).as_posix() for name in files if not ignored.match_file((inside / name).as_posix())}
    return shipped - ALWAYS_LEFT_OUT


def committed(*folders: str) -> set[str]:
    """What git knows below some folders, and what is about to be added to it."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name for name in listed.splitlines() if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, unpacked where nothing else is."""
    target = tmp_path_factory.mktemp("package")
    for name in package_of(ROOT):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target / name)
    return target


def test_exactly_what_runs_is_shipped() -> None:
    """Three files and two folders, as git knows them: no test, no template, no key, no cache."""
    wanted = {name for name in committed("functions", "shared") if not name.endswith(".md")}

    assert package_of(ROOT) == AT_THE_ROOT | wanted
    assert not {Path(name).suffix for name in package_of(ROOT)} & {".pyc", ".pem", ".key", ".env", ".sqlite"}


@pytest.mark.parametrize(
    "stray", ["notes.txt", "functions/__pycache__/me.cpython-313.pyc", ".env", "local.settings.dev.json", "old/app.py"]
)
def test_a_stray_file_is_noticed_or_left_out(stray: str, tmp_path: Path) -> None:
    """What nobody meant to ship is left out, or makes the test above fail."""
    (tmp_path / stray).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / stray).write_text("stray", "utf-8")
    shutil.copyfile(ROOT / ".funcignore", tmp_path / ".funcignore")

    noticed = stray in {"notes.txt", "old/app.py"}

    assert package_of(tmp_path) == ({stray} if noticed else set())


@pytest.mark.integration
@pytest.mark.timeout(900)  # the first time environments are made
def test_the_package_alone_is_indexed(unpacked: Path) -> None:
    """With the locked packages that ship and nothing else, Microsoft's worker library finds functions in it."""
    pythons = deployed_pythons()
    if not pythons and not os.environ.get("CI"):
        pytest.skip("no Python 3.13 starts here")

    for python in pythons or [Path(sys.base_prefix) / "bin" / "python3"]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SESAME_", "PYTHONPATH"))}
        done = subprocess.run(
            [environment_of(python), "-I", INDEXER],
            cwd=unpacked,
            env={**clean, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        names = set(json.loads(done.stdout.splitlines()[-1]))
        assert {"deliver", "purge", "reset_start", "session_start"} <= names


@pytest.mark.integration
@pytest.mark.timeout(900)
def test_every_module_of_the_package_is_importable(unpacked: Path) -> None:
    """Also what is only imported when it is needed finds its vendor in requirements.txt."""
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in package_of(ROOT)
        if name.endswith(".py")
    )
    script = "import importlib, sys\nsys.path.insert(0, '.')\n" + "\n".join(
        f"importlib.import_module({name!r})" for name in modules
    )
    for python in deployed_pythons():
        done = subprocess.run(
            [environment_of(python), "-I", "-c", script], cwd=unpacked, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert len(modules) > 50
