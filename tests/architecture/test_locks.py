"""The lock files: what ships can be installed on the deployed Python alone, and what developers run agrees with it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.markers import Marker

from local.setup.locks import DEPLOYED, SHIPPED
from tests.architecture.tree import ROOT

LOCKS = [SHIPPED, *sorted((ROOT / "requirements").glob("*.txt"))]
PIN = re.compile(r"^([a-z0-9-]+)==([^\s;]+)(?: ; (.+?))? \\\n    --hash=sha256:[0-9a-f]{64}", re.MULTILINE)


def installed(lock: str, python: str) -> set[tuple[str, str]]:
    """Return the packages and versions that a lock gives a Python."""
    here = {"python_version": python, "python_full_version": f"{python}.0"}
    pins = PIN.findall(lock)
    return {(name, version) for name, version, marker in pins if not marker or Marker(marker).evaluate(here)}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_contains_only_pins_with_hashes(path: Path) -> None:
    """Pip then refuses a package that was replaced at the registry. No line names a registry or an address."""
    lock = path.read_text("utf-8")
    assert len(PIN.findall(lock)) == len(re.findall(r"^[^ #\n]", lock, re.MULTILINE)) > 0
    assert "://" not in lock


@pytest.mark.parametrize(("python", "major"), [("3.11", "1"), ("3.12", "1"), (DEPLOYED, "2")])
def test_development_uses_the_versions_that_ship(python: str, major: str) -> None:
    """All of them on the deployed Python. On the others, the same packages with an older azure-functions."""
    shipped = installed(SHIPPED.read_text("utf-8"), DEPLOYED)
    ours = installed((ROOT / "requirements" / "dev.txt").read_text("utf-8"), python)

    assert dict(shipped).keys() <= dict(ours).keys()
    assert dict(ours)["azure-functions"].split(".")[0] == major
    assert python != DEPLOYED or shipped <= ours


def test_what_ships_is_the_same_wherever_it_is_installed() -> None:
    """A condition on the Python could be true in a build and false in Azure."""
    assert ";" not in SHIPPED.read_text("utf-8")


@pytest.mark.integration
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.14"])
def test_pip_does_not_install_what_ships_on_another_python(python: str, tmp_path: Path) -> None:
    """A build with the wheels of another Python would be accepted, and the app would fail in Azure when it starts."""
    options = ("--dry-run", "--no-deps", "--target", tmp_path, "--python-version", python, "--only-binary", ":all:")
    pip = [sys.executable, "-m", "pip", "install", *options, "--require-hashes", "-r", SHIPPED]

    done = subprocess.run(pip, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stderr
