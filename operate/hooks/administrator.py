"""Creates the first administrator, or another account: by hand, in a checkout that `./sesame` has set up.

run.sh administrator NAME [PUBLIC_IPV4_ADDRESS], and helpdesk, auditor or add_person in its place
"""

from operate.hooks.environment import Environment
from operate.hooks.on_tables import on_tables

FAILED = "The account was not created"


def add_person(given: Environment, name: str, address: str = "") -> None:
    """Create an account of this name in the deployment's tables, and print its first password."""
    on_tables(given, address, "operate.add_person", "--", name, failed=FAILED)


def main(given: Environment, name: str, address: str = "") -> None:
    """Create an administrator, as above."""
    _with_role(given, name, address, "administrator")


def helpdesk(given: Environment, name: str, address: str = "") -> None:
    """The same with the role helpdesk."""
    _with_role(given, name, address, "helpdesk")


def auditor(given: Environment, name: str, address: str = "") -> None:
    """The same with the role auditor."""
    _with_role(given, name, address, "auditor")


def _with_role(given: Environment, name: str, address: str, role: str) -> None:
    on_tables(given, address, "operate.add_person", f"--role={role}", "--", name, failed=FAILED)
