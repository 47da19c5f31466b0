"""Puts the locked dependencies of the service where the platform looks for them, before azd packs the files.

azd would ask for a build on the platform, which was reported to use another Python than the app's (issue 8538 of
Azure/azure-dev): it fails, or it succeeds and the service then fails to import. Here only wheels for the Python of
infra/app/api.bicep are taken, by the hashes of the lock, whatever Python and system this runs on (Microsoft, "Python
build options for Azure Functions", local build).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from operate.hooks.az import Stop, last_words, say
from operate.hooks.environment import ROOT, Environment

PLACE = Path(".python_packages", "lib", "site-packages")
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "linux_x86_64")
"""What the platform's image (Debian 12, glibc 2.36) can load, for the lock's wheels."""
VERSION = re.compile(r"runtime: \{\s*name: 'python'\s*version: '(3\.\d+)'")


def main(given: Environment, root: Path = ROOT) -> None:
    """Install into a new folder, and put it in the place of an older one only when it is complete.

    Raises:
        Stop: pip is missing or refuses, or a package of the lock is not there afterwards.
    """
    environ = {**given.values, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    version = VERSION.search((root / "infra" / "app" / "api.bicep").read_text("utf-8"))
    if version is None:
        raise Stop("infra/app/api.bicep does not name the version of Python of the service.")
    lock = root / "requirements.txt"
    with (
        tempfile.TemporaryDirectory() as spare,
        tempfile.TemporaryDirectory(dir=root, prefix=".python_packages-") as folder,
    ):
        new = Path(folder, *PLACE.parts[1:])
        # The hashes name the wheels of one platform and version; what this Python is does not matter.
        words = [*_pip(Path(spare), environ), "install", "--quiet", "--no-input", "--no-compile", "--no-deps"]
        words += ["--only-binary", ":all:", "--require-hashes", "--ignore-requires-python"]
        words += ["--implementation", "cp", "--python-version", version[1]]
        words += [word for platform in PLATFORMS for word in ("--platform", platform)]
        words += ["--target", str(new), "--requirement", str(lock)]
        done = _run(words, environ)
        if done.returncode != 0:
            raise Stop(f"The packages of the service cannot be installed: {last_words(done)}.")
        wanted = len(re.findall(r"^[\w.-]+==", lock.read_text("utf-8"), re.MULTILINE))
        found = len(list(new.glob("*.dist-info")))
        if found != wanted:
            raise Stop(f"Only {found} of the {wanted} packages in requirements.txt are there after the installation.")
        shutil.rmtree(new / "bin", ignore_errors=True)
        shutil.rmtree(root / PLACE.parts[0], ignore_errors=True)
        shutil.move(folder, root / PLACE.parts[0])
        Path(folder).mkdir()  # for the clean-up of the temporary folder
    say(f"{found} packages for Python {version[1]} on Linux are in {PLACE.as_posix()}.")


def _pip(spare: Path, environ: Mapping[str, str]) -> list[str]:
    """Return how to call pip: of this Python, or else of a new environment of it; some have one, some the other."""
    here = [sys.executable, "-m", "pip"]
    if _run([*here, "--version"], environ).returncode == 0:
        return here
    if _run([sys.executable, "-m", "venv", str(spare)], environ).returncode == 0:
        return [str(spare / ("Scripts" if os.name == "nt" else "bin") / "python"), "-m", "pip"]
    raise Stop(f"{sys.executable} has no pip, which installs the service's packages: install pip for it.")


def _run(words: list[str], environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  (no shell reads the words)
        words, env=environ, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
