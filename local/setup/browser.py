"""The browser that the tests drive: Debian's chromium, installed only where nobody's machine is changed unasked."""

import os
import shutil

from local.setup.progress import run_step

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-liberation")


def prepare() -> None:
    """Install chromium under CI when it is missing; elsewhere the browser tests skip and say how to get it."""
    if any(map(shutil.which, NAMES)) or not os.environ.get("CI"):
        return
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return  # under CI the browser tests then fail, which says it better than a guess here
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run_step("Looking up Debian's packages", ["apt-get", "update", "-q"], environment=quiet)
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES]
    run_step("Installing chromium for the browser test", install, environment=quiet)
