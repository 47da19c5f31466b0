"""`python -m operate.backup export|import|check FOLDER`: on the store that the environment names (docs/restore.md)."""

import argparse
import asyncio
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

from operate.backup.compare import compared
from operate.backup.export import export
from operate.backup.folder import Folder, Refused
from operate.backup.judge import OPENED
from operate.backup.restore import restore
from operate.backup.since import brought_back
from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.errors import TryAgain
from shared.settings import BadSettings
from shared.wiring import Adapters, service

REMINDERS = """Not checked, or not in an export:
- Passwords, roles and disabled accounts of the embedded directory are those of the export. Only a sign-in shows whether
  SESAME_PEPPERS is right.
- Everybody is signed out, and every reset, registration and code that was under way has ended.
- Limits begin anew. Notices that were owed, and reminders that are due, are sent again.
- Who was erased after the export is registered again: repeat each erasure of your own record of requests."""


def main() -> int:
    """Run one of the three commands; the exit code is 0 if nothing is wrong."""
    parser = argparse.ArgumentParser(prog="backup", description="Export the tables, import them, and check the result.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in (
        ("export", "write the tables to a folder"),
        ("import", "insert an export into an empty store"),
        ("check", "compare the store with an export, and read every row with the configured keys"),
    ):
        command = commands.add_parser(name, help=about)
        command.add_argument("folder", type=Path)
        if name == "import":
            command.add_argument("--add", action="store_true", help="insert what is missing into a store with people")
    given = parser.parse_args()
    try:
        return asyncio.run(_run(given))
    except (Refused, BadSettings) as reason:
        print(reason, file=sys.stderr)
    except TryAgain:
        print("The store does not respond, or denies access. Try again later: the command goes on.", file=sys.stderr)
    except Exception as fault:  # noqa: BLE001  (az that is not signed in, a full disk: a sentence, not a traceback)
        said = next(iter(str(fault).splitlines()), "").rstrip(".") or "without a reason"
        print(f"The {given.command} is not complete: {type(fault).__name__}, {said}.", file=sys.stderr)
    return 1


async def _run(given: argparse.Namespace) -> int:
    adapters = service().adapters
    try:
        match given.command:
            case "export":
                manifest = await export(adapters, given.folder)
                print(f"The export in {given.folder} is complete ({manifest.ended}).")
                return 0
            case "import":
                await restore(adapters, given.folder, add=given.add)
                print("All rows are inserted. Check them before you start the app.")
                return 0
        return await _check(adapters, Folder(given.folder))
    finally:
        await adapters.close()


async def _check(adapters: Adapters, folder: Folder) -> int:
    manifest = folder.complete()
    one = folder.imports().get(adapters.table_service.url)
    wrong, remarks = 0, Counter[str]()
    print(f"{'':<14} {'same':>9} {'missing':>9} {'changed':>9} {'more':>9}")
    for file in manifest.files:
        found = await compared(adapters, folder, file.table, one.id if one else "")
        print(f"{file.table:<14} {found.same:>9} {found.missing:>9} {found.changed:>9} {found.more:>9}", flush=True)
        wrong += found.missing + found.changed
        remarks += found.remarks
    for remark, count in remarks.items():
        print(f"{count} {remark}")
    if one:
        since, until = datetime.fromisoformat(manifest.began), datetime.fromisoformat(one.began)
        told = await brought_back(adapters, since - CLOCK_MARGIN, until)
        print("", "Since the export, or less than two minutes before it, as the audit log says:", sep="\n")
        print(*told or ["nothing that the import undid"], "", sep="\n")
        print(REMINDERS)
    if wrong or remarks.keys() - {OPENED}:
        raise Refused("The store differs from the export, or has rows that cannot be used: see the table above.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
