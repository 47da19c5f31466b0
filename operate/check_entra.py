"""Try the rights in a tenant without which resets go on: sessions, methods, passes. Used by `check_directory`."""

from datetime import timedelta

from shared.adapters.directories.entra.directory import EntraDirectory
from shared.adapters.directories.entra.graph import NEEDS, Forbidden
from shared.domain.account import DirectoryEntry
from shared.ports.directory import AccountChanged, DirectoryLost, DirectoryUnknown


async def rights_beside(directory: EntraDirectory, entry: DirectoryEntry) -> list[tuple[str, str, bool]]:
    """Return for each right what it is for, what to grant ("" if nothing), and whether every reset needs it."""
    until, methods = directory.graph.deadline(), ("users", entry.object_id, "authentication")
    ended = await directory.end_sessions(until, entry)
    found = [("ending sessions", "" if ended else "revokeSignInSessions", True)]
    for what, kind in (("phones", "phoneMethods"), ("addresses", "emailMethods")):
        try:
            await directory.graph.get(until, *methods, kind)
            found.append((f"reading {what} at Microsoft", "", False))
        except (Forbidden, DirectoryLost):
            found.append((f"reading {what} at Microsoft", kind, False))
    try:
        await directory.issue_temporary_access_pass(entry, timedelta(minutes=10))
        found.append(("issuing a pass", "", False))
    except (DirectoryLost, DirectoryUnknown, AccountChanged):
        found.append(("issuing a pass", "temporaryAccessPassMethods", False))
    return [(what, f"grant {NEEDS[right]}" if right else "", needed) for what, right, needed in found]
