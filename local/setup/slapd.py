"""The OpenLDAP server, for the tests and `./sesame run --directory openldap`."""

import shutil
from pathlib import Path

from local.setup.debian import FOLDERS, installs, provide

PACKAGES = ("slapd", "ldap-utils")
INSTALL = installs(PACKAGES)
SCHEMAS, MODULES = Path("/etc/ldap/schema"), Path("/usr/lib/ldap")
NO_DIRECTORY = "slapd slapd/no_configuration boolean true"
"""Without this, the package would make a directory of its own and start a server for it."""


def missing() -> bool:
    """Return whether this machine lacks it."""
    return shutil.which("slapd", path=FOLDERS) is None or not SCHEMAS.exists() or not MODULES.exists()


def prepare(*, wanted: bool, install: bool) -> None:
    """Have it, as `provide` says."""
    if missing():
        provide("OpenLDAP", "openldap", PACKAGES, wanted=wanted, install=install, answer=NO_DIRECTORY)
