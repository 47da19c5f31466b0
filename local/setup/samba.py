"""The Samba domain controller, for the tests and `./sesame run --directory samba`. It works as root alone."""

import shutil
from pathlib import Path

from local.setup.debian import FOLDERS, installs, is_root, provide
from local.setup.progress import StepFailed

PACKAGES = ("samba", "samba-ad-provision", "samba-dsdb-modules", "samba-vfs-modules", "winbind")
INSTALL = installs(PACKAGES)
PYTHON = "/usr/bin/python3"
"""The Python for which Debian builds Samba's modules."""
NEEDED = (Path("/usr/share/samba/setup/provision.ldif"), Path(PYTHON))
NEEDS_ROOT = "Samba makes a domain as root alone: run this command with sudo"


def missing() -> bool:
    """Return whether this machine lacks it."""
    programs = all(shutil.which(name, path=FOLDERS) for name in ("samba", "samba-tool"))
    return not (programs and all(path.exists() for path in NEEDED))


def prepare(*, wanted: bool, install: bool) -> None:
    """Have it, as `provide` says. Raises StepFailed also for whoever wants it and is not root."""
    if missing():
        provide("Samba", "samba", PACKAGES, wanted=wanted, install=install)
    if wanted and not is_root():
        raise StepFailed(NEEDS_ROOT)
