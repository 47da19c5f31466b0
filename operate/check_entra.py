"""The rights of the service in a tenant of Microsoft Entra. Used by `check_directory`.

They are tried where the service's identity is at hand. Nobody but its own processes has that of a deployment: then what
was granted to it is read, with the operator's own sign-in.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from shared.adapters.directories.entra.directory import EntraDirectory
from shared.adapters.directories.entra.graph import NEEDS, Forbidden, Graph
from shared.domain.account import DirectoryEntry
from shared.ports.directory import AccountChanged, DirectoryLost, DirectoryUnknown

ENOUGH_SECONDS: Final = 20.0
"""More than a request of the service has: the operator's token comes from `az`."""
GRAPH_APP: Final = "00000003-0000-0000-c000-000000000000"
"""The application id of Microsoft Graph, the same in every tenant."""
USER_ADMINISTRATOR: Final = "fe930be7-5e62-47db-91af-98c3a49a38b1"
"""Microsoft Learn, "Microsoft Entra built-in roles"."""
WANTED: Final = {
    "User.Read.All": True,
    "User-PasswordProfile.ReadWrite.All": True,
    "User.RevokeSessions.All": True,
    "UserAuthMethod-Phone.Read.All": False,
    "UserAuthMethod-Email.Read.All": False,
    "UserAuthMethod-TAP.ReadWrite.All": False,
}
"""Application permissions, and whether every reset needs it."""


async def granted(graph: Graph, client_id: str) -> list[tuple[str, str, bool]]:
    """Return what was granted to the identity with that client id, as `rights_beside` does. Raises DirectoryLost."""
    until = graph.deadline() + ENOUGH_SECONDS
    ours = await _principal(graph, until, client_id)
    if not ours:
        return [("the managed identity", f"no service principal has the client id {client_id}", True)]
    of_graph = await _principal(graph, until, GRAPH_APP)
    names = {role["id"]: role["value"] for role in of_graph.get("appRoles", ())}
    assigned = await graph.get(until, "servicePrincipals", ours["id"], "appRoleAssignments", top="999")
    held = {names.get(one["appRoleId"]) for one in (assigned or {}).get("value", ())}
    where = f"principalId eq '{ours['id']}'"
    roles = await graph.get(until, "roleManagement", "directory", "roleAssignments", filter=where)
    has_role = any(one["roleDefinitionId"] == USER_ADMINISTRATOR for one in (roles or {}).get("value", ()))
    lines = [(name, "" if name in held else "not granted", needed) for name, needed in WANTED.items()]
    return [*lines, ("User Administrator", "" if has_role else "not assigned", True)]


async def _principal(graph: Graph, until: float, app_id: str) -> Mapping[str, Any]:
    found = await graph.get(until, "servicePrincipals", filter=f"appId eq '{app_id}'", select="id,appRoles")
    return next(iter((found or {}).get("value", ())), {})


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
