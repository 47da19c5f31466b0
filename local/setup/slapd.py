"""The OpenLDAP server, for the tests and `./sesame run --directory openldap`. Installed when asked to, and on CI."""

import os
import shutil
from pathlib import Path

from local.setup.progress import StepFailed, run_step

PACKAGES = ("slapd", "ldap-utils")
INSTALL = f"apt-get install --no-install-recommends {' '.join(PACKAGES)}"
FOLDERS = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
"""It lies in a folder that is on the path of root alone."""
SCHEMAS, MODULES = Path("/etc/ldap/schema"), Path("/usr/lib/ldap")


def missing() -> bool:
    """Return whether this machine lacks it."""
    return shutil.which("slapd", path=FOLDERS) is None or not SCHEMAS.exists() or not MODULES.exists()


def prepare(*, wanted: bool, install: bool) -> None:
    """Install it if it is missing and that was asked for, or on CI. Raises StepFailed where it is `wanted` and missing.

    Without `wanted`, tests that need it are skipped and say how to install it.
    """
    if not missing():
        return
    may = os.name != "nt" and os.geteuid() == 0 and shutil.which("apt-get") is not None
    if may and (install or os.environ.get("CI")):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run_step("Looking up Debian's packages", ["apt-get", "update", "-q"], environment=quiet)
        # Without this, the package would make a directory of its own and start a server for it.
        answer = 'echo "slapd slapd/no_configuration boolean true" | debconf-set-selections'
        run_step("Telling the package to configure nothing", ["sh", "-c", answer], environment=quiet)
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES]
        run_step("Installing slapd", command, environment=quiet)
    elif wanted:
        raise StepFailed(
            f"OpenLDAP is missing. On Debian and Ubuntu, as root: {INSTALL}\n"
            "Or let this command do it, as root: ./sesame run --directory openldap --install"
        )
