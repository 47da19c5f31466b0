"""Exports the tables of the deployment, imports them, and checks the result: by hand (docs/restore.md).

run.sh export_tables FOLDER [PUBLIC_IPV4_ADDRESS]
run.sh import_tables FOLDER [PUBLIC_IPV4_ADDRESS]
run.sh add_tables FOLDER [PUBLIC_IPV4_ADDRESS]
run.sh check_tables FOLDER [PUBLIC_IPV4_ADDRESS]
"""

from operate.hooks.environment import Environment
from operate.hooks.on_tables import on_tables

PROGRAM = "operate.backup"


def export(given: Environment, folder: str, address: str = "") -> None:
    """Write the tables to a folder."""
    on_tables(given, address, PROGRAM, "export", folder, failed="The export is not complete")


def import_into_empty(given: Environment, folder: str, address: str = "") -> None:
    """Insert an export into tables without people."""
    on_tables(given, address, PROGRAM, "import", folder, failed="The import is not complete")


def add(given: Environment, folder: str, address: str = "") -> None:
    """Insert what is missing into tables that have people, and change nothing that is there."""
    on_tables(given, address, PROGRAM, "import", "--add", folder, failed="The import is not complete")


def check(given: Environment, folder: str, address: str = "") -> None:
    """Compare the tables with an export, and read every row with the keys of the deployment."""
    on_tables(given, address, PROGRAM, "check", folder, failed="The check is not complete")
