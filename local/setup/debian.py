"""Servers that are Debian's packages: installed when that is asked for, and on CI."""

import os
import shutil

from local.setup.progress import StepFailed, run_step

FOLDERS = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
"""Servers lie in folders that are on the path of root alone."""


def is_root() -> bool:
    return os.name != "nt" and os.geteuid() == 0


def installs(packages: tuple[str, ...]) -> str:
    """Return the command that installs them."""
    return f"apt-get install --no-install-recommends {' '.join(packages)}"


def provide(
    name: str, directory: str, packages: tuple[str, ...], *, wanted: bool, install: bool, answer: str = ""
) -> None:
    """Install what is missing, if that was asked for or on CI. Raises StepFailed where it is `wanted` and cannot be.

    Without `wanted`, tests that need it are skipped and say how to install it. `answer` is what debconf is told before.
    """
    if is_root() and shutil.which("apt-get") and (install or os.environ.get("CI")):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run_step("Looking up Debian's packages", ["apt-get", "update", "-q"], environment=quiet)
        if answer:
            command = ["sh", "-c", f"echo '{answer}' | debconf-set-selections"]
            run_step("Telling the package to configure nothing", command, environment=quiet)
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
        run_step(f"Installing {name}", command, environment=quiet)
    elif wanted:
        raise StepFailed(
            f"{name} is missing. On Debian and Ubuntu, as root: {installs(packages)}\n"
            f"Or let this command do it, as root: ./sesame run --directory {directory} --install"
        )
