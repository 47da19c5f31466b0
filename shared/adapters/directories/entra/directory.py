"""A tenant of Microsoft Entra ID: accounts of the cloud.

Graph tells no wrong password from a right one and clears no lock, so people sign in at Microsoft, and nothing of that
is offered here. Accounts whose password is managed elsewhere are found, and say by whom.

Graph has no conditional write of a password, so the entry is read right before it. Writes of one process take turns by
account; those of several are held apart by the row (rule 11). A change by an administrator that Graph does not show yet
is not seen: the later password stands, and the stamp says so.
"""

import asyncio
import logging
import weakref
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, ClassVar, Final

from shared.adapters.directories import Parts
from shared.adapters.directories.entra.graph import FORBIDDEN, NOT_FOUND, Answer, Forbidden, Graph
from shared.adapters.directories.entra.options import Options, options_from
from shared.adapters.directories.entra.users import SELECT, canonical, entry_of, names_of, stamp_of
from shared.domain.account import DirectoryEntry, ManagedBy, ObjectId
from shared.ports.directory import (
    AccountChanged,
    Attributes,
    Capability,
    DirectoryLost,
    DirectoryUnknown,
    NotSupported,
    PasswordNotTaken,
)
from shared.validation.identifier import spellings_of

CONTACTS: Final = "id,mobilePhone,businessPhones,preferredLanguage"
MOST_GROUPS: Final = "999"
BAD_REQUEST: Final = 400
APART: Final = timedelta(seconds=5)
"""How far the time of a password may be from that of the answer to its write, for the stamp to be of this write."""
_LOG: Final = logging.getLogger("sesame.directory")


def directory(parts: Parts) -> "EntraDirectory":
    """Made when the wiring needs it. Raises ValueError for unsafe settings."""
    return EntraDirectory(Graph(options_from(parts.directory_options), parts.identity, parts.transport))


@dataclass(eq=False)
class EntraDirectory:
    """Reads users by name or object id, and sets passwords with the rights of the service's managed identity."""

    graph: Graph
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.ATTRIBUTES, Capability.TEMPORARY_ACCESS_PASS})
    _turns: "weakref.WeakValueDictionary[ObjectId, asyncio.Lock]" = field(
        default_factory=weakref.WeakValueDictionary, init=False
    )

    @property
    def options(self) -> Options:
        return self.graph.options

    async def lockout(self) -> None:
        """Never: Microsoft's smart lockout counts sign-ins at Microsoft, and there are none here."""

    async def authenticate(self, identifier: str, password: str) -> DirectoryEntry | None:  # noqa: ARG002  the port names it
        raise NotSupported

    async def resolve(self, identifier: str) -> DirectoryEntry | None:
        name, until = canonical(identifier), self.graph.deadline()
        if name is None:
            return None
        found = await self._named(until, name)
        if len(found) != 1 or name not in names_of(found[0]):
            return None
        return await self._completed(until, found[0])

    async def find(self, object_id: ObjectId) -> DirectoryEntry | None:
        return await self._by_id(self.graph.deadline(), object_id)

    async def set_password(self, account: DirectoryEntry, password: str) -> str:
        """Also ends the sessions that Microsoft issued. If that fails the password is set all the same: it is logged.

        To report a failure would be wrong, since the old password is gone, and the person can end them alone.
        """
        until = self.graph.deadline()
        async with self._turn(account):
            before = await self._unchanged(until, account)
            if before.managed_by is not ManagedBy.THIS_DIRECTORY:
                raise AccountChanged
            # Both fields: the second one alone is answered with success and does nothing
            # (microsoft-graph-docs issue 4267).
            body = {"passwordProfile": {"password": password, "forceChangePasswordNextSignIn": False}}
            written = await self.graph.write(until, "PATCH", "users", account.object_id, body=body)
            if written.status == BAD_REQUEST:  # complexity and banned words, which Graph does not tell apart
                _LOG.info("Microsoft Graph refused a password, request %s", written.request_id)
                raise PasswordNotTaken(("directory_policy",))
            self._judge(written, "passwordProfile")
            _, stamp = await asyncio.gather(
                self.end_sessions(until, account), self._stamp_after(until, before, written)
            )
            return stamp

    async def change_password(self, account: DirectoryEntry, current: str, password: str) -> str:  # noqa: ARG002  the port names it
        raise NotSupported

    async def unlock(self, account: DirectoryEntry) -> None:  # noqa: ARG002  the port names it
        raise NotSupported

    async def issue_temporary_access_pass(self, account: DirectoryEntry, life: timedelta) -> str:
        until = self.graph.deadline()
        async with self._turn(account):
            now = await self._unchanged(until, account)
            # Graph would issue one for an administrator too, which would give this service the rights of every role.
            if now.is_privileged or now.managed_by is ManagedBy.ANOTHER_ORGANISATION:
                raise AccountChanged
            wanted = {"isUsableOnce": True, "lifetimeInMinutes": int(life.total_seconds() // 60)}
            path = ("users", account.object_id, "authentication", "temporaryAccessPassMethods")
            written = await self.graph.write(until, "POST", *path, body=wanted)
            self._judge(written, path[-1])
            issued = written.body.get("temporaryAccessPass")
            if not isinstance(issued, str) or not issued:
                raise DirectoryUnknown
            return issued

    async def attributes(self, account: DirectoryEntry) -> Attributes:
        """Prefer what the person proved to Microsoft over what stands in the profile."""
        until, user = self.graph.deadline(), ("users", account.object_id)
        methods = (*user, "authentication")
        profile, phones, emails, member_of = await asyncio.gather(
            self.graph.get(until, *user, select=CONTACTS, expand="manager($select=userPrincipalName)"),
            self._allowed(self.graph.get(until, *methods, "phoneMethods")),
            self._allowed(self.graph.get(until, *methods, "emailMethods")),
            self.graph.get(until, *user, "transitiveMemberOf", select="id", top=MOST_GROUPS),
        )
        if profile is None:
            return Attributes()
        known = {phone["phoneType"]: phone["phoneNumber"] for phone in _listed(phones)}
        addresses = [method["emailAddress"] for method in _listed(emails)]
        office = [known.get("office"), *(profile.get("businessPhones") or ())]
        return Attributes(
            mobile_phone=known.get("mobile") or profile.get("mobilePhone") or "",
            office_phone=next((phone for phone in office if phone), ""),
            email=addresses[0] if addresses else "",  # `mail` is the mailbox that the forgotten password opens (M4)
            language=profile.get("preferredLanguage") or "",
            manager=(profile.get("manager") or {}).get("userPrincipalName") or "",
            groups=tuple(one["id"] for one in _listed(member_of) if one.get("@odata.type") == "#microsoft.graph.group"),
        )

    # -- reading --

    async def _allowed(self, asked: Awaitable[Mapping[str, Any] | None]) -> Mapping[str, Any] | None:
        """Return nothing where the service has no right to read: an organisation need not grant that of methods."""
        try:
            return await asked
        except Forbidden:
            return None

    async def _named(self, until: float, *names: str) -> list[Mapping[str, Any]]:
        """Return the users that have one of these names. A quote in a literal is doubled (OData 4.01, 5.1.1.6.1)."""
        spellings = sorted({each for name in names for each in spellings_of(name)})
        literals = ["'" + name.replace("'", "''") + "'" for name in spellings]
        where = " or ".join(f"{name} eq {text}" for text in literals for name in ("userPrincipalName", "mail"))
        return _listed(await self.graph.get(until, "users", filter=where, select=SELECT, top="10"))

    async def _by_id(self, until: float, object_id: ObjectId) -> DirectoryEntry | None:
        user = await self.graph.get(until, "users", object_id, select=SELECT)
        # Graph takes a name in that place too, and an account is known by its id alone (rule 8).
        return None if user is None or user["id"] != object_id else await self._completed(until, user)

    async def _completed(self, until: float, user: Mapping[str, Any]) -> DirectoryEntry | None:
        """Read what does not stand on the user: its roles, and whose its names are."""
        names = names_of(user)
        member_of, others = await asyncio.gather(
            self.graph.get(until, "users", user["id"], "transitiveMemberOf", select="id", top=MOST_GROUPS),
            self._named(until, *names),
        )
        if member_of is None:  # removed since it was read
            return None
        # A name that leads to two entries leads to nobody (rule 8), and the other names stay.
        owners = [names_of(other) for other in others if other["id"] != user["id"]]
        shared = tuple(name for name in names if any(name in theirs for theirs in owners))
        mine = tuple(name for name in names if name not in shared)
        return replace(entry_of(user, mine, member_of, self.options), shared_names=shared) if mine else None

    # -- writing --

    def _turn(self, account: DirectoryEntry) -> asyncio.Lock:
        return self._turns.setdefault(account.object_id, asyncio.Lock())

    async def _unchanged(self, until: float, account: DirectoryEntry) -> DirectoryEntry:
        """Return the entry as it is now. Raises AccountChanged."""
        now = await self._by_id(until, account.object_id)
        if now is None or now.revision != account.revision:
            raise AccountChanged
        return now

    def _judge(self, answer: Answer, what: str) -> None:
        """Raise if it was definitely not carried out. `what` is the right that it needed."""
        if answer.ok:
            return
        lost = self.graph.refused(answer, what)
        if answer.status == NOT_FOUND:
            raise AccountChanged
        raise lost

    async def end_sessions(self, until: float, account: DirectoryEntry) -> bool:
        """End what Microsoft has issued, and return whether it did. The password is set, so that nothing is refused."""
        try:
            answer = await self.graph.write(until, "POST", "users", account.object_id, "revokeSignInSessions")
        except (DirectoryUnknown, DirectoryLost):
            answer = None
        if answer is None or not answer.ok:
            if answer is not None and answer.status == FORBIDDEN:
                self.graph.refused(answer, "revokeSignInSessions")
            _LOG.error("the sessions of an account with a new password could not be ended")
            return False
        return True

    async def _stamp_after(self, until: float, before: DirectoryEntry, written: Answer) -> str:
        """Return the stamp of the new password. Empty where Graph does not show for certain that it is of this write.

        Its time has whole seconds, and reads may show what was before a write (rule 12).
        """
        try:
            user = await self.graph.get(until, "users", before.object_id, select=SELECT)
        except DirectoryLost:
            return ""
        stamp, changed_at = ("", before.password_changed_at) if user is None else stamp_of(user)
        is_ours = abs(changed_at.timestamp() - written.at) <= APART.total_seconds()
        return stamp if is_ours and stamp != before.password_stamp else ""


def _listed(body: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return list((body or {}).get("value") or ())
