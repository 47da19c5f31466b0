"""Creates the first administrator, or another account: by hand, in a checkout that `./sesame` has set up.

run.sh administrator NAME [PUBLIC_IPV4_ADDRESS]
run.sh add_person NAME [PUBLIC_IPV4_ADDRESS]
"""

from operate.hooks.environment import Environment
from operate.hooks.on_tables import on_tables

FAILED = "The account was not created"


def add_person(given: Environment, name: str, address: str = "") -> None:
    """Create an account of this name in the deployment's tables, and print its first password."""
    on_tables(given, address, "operate.add_person", "--", name, failed=FAILED)


def main(given: Environment, name: str, address: str = "") -> None:
    """Create an administrator, as above."""
    on_tables(given, address, "operate.add_person", "--role=administrator", "--", name, failed=FAILED)
