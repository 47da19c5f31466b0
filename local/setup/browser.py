"""The browser for the browser tests: Debian's chromium. It is installed only on CI machines."""

import os
import shutil

from local.setup.progress import run_step

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-liberation")


def prepare() -> None:
    """Install chromium on CI if it is missing. Elsewhere the browser tests are skipped and say how to install it."""
    if any(map(shutil.which, NAMES)) or not os.environ.get("CI"):
        return
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return  # the browser tests on CI then fail with a better message
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run_step("Looking up Debian's packages", ["apt-get", "update", "-q"], environment=quiet)
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES]
    run_step("Installing chromium for the browser test", install, environment=quiet)
