"""What every directory over LDAP does in the same way: whom a name leads to, who takes turns, what is in doubt.

No operation that sets a password has a condition, so a write is not atomic with the read before it. Writes of one
process take turns by entry; those of several are held apart by the row (rule 11). A change by an administrator of the
directory in the few milliseconds between the two is not seen: the later password stands, and the stamp says so.
"""

import asyncio
import hashlib
import weakref
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import ClassVar, Final, TypeVar

from shared.adapters.directories.ldap import entries
from shared.adapters.directories.ldap.dialect import Dialect, Read
from shared.adapters.directories.ldap.link import Broken, Link, Raw
from shared.adapters.directories.ldap.links import Call
from shared.domain.account import DirectoryEntry, ObjectId
from shared.domain.errors import InvalidInput
from shared.domain.limits import Rate
from shared.ports.directory import (
    AccountChanged,
    Attributes,
    Capability,
    DirectoryLost,
    DirectoryUnknown,
    NotSupported,
    WrongPassword,
)
from shared.validation.identifier import canonical_identifier, spellings_of
from shared.validation.typed_text import cleaned

T = TypeVar("T")

LEFT_TO_THE_PERSON: Final = 2
"""Failures below the lockout that are left for a typing error elsewhere (rule 18)."""
NOBODYS_PASSWORD: Final = "nobody has this one"  # noqa: S105  it is tried where nothing can be right
NOBODYS_NAME: Final = "\0"
"""Searched for where the text cannot be a name."""


@dataclass(eq=False)
class LdapDirectory(Dialect):
    """Names are compared as the directory compares them, and again in the form of this service (R-98)."""

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {Capability.CHECK_PASSWORD, Capability.CHANGE_PASSWORD, Capability.UNLOCK, Capability.ATTRIBUTES}
    )
    _turns: "weakref.WeakValueDictionary[ObjectId, asyncio.Lock]" = field(
        default_factory=weakref.WeakValueDictionary, init=False
    )

    async def close(self) -> None:
        """Close the connections."""
        await self.links.close()

    async def connection_faults(self) -> dict[str, str]:
        """Return what is wrong with each server, in our words; empty where nothing is. For `operate/`."""
        return await self.links.faults()

    @property
    def policies_are_readable(self) -> bool:
        """Whether the lockout is known, after `lockout`. For `operate/`."""
        return bool(self.policies.found or self.options.lockout or self.options.never_locks)

    async def lockout(self) -> Rate | None:
        if not self.policies.are_known:
            await self._reading(lambda link, _: self.policies.read(link))
        return self.policies.strictest()

    async def authenticate(self, identifier: str, password: str) -> DirectoryEntry | None:
        name = _canonical(identifier)

        def work(link: Link, call: Call) -> DirectoryEntry | None:
            # The entry is read first: if another password comes in between, the session carries the older stamp.
            read = self._named(link, identifier, name)
            tried = read if read and password and read.may_be_tried else None
            dn, secret = (tried.raw.dn, password) if tried else (self.options.decoy_dn, NOBODYS_PASSWORD)
            # A failure is counted there, so a bind is not repeated either.
            with closing(self.links.anonymous(call)) as person, call.sending():
                state = self.state_of(person.bind(dn, secret))
            return replace(tried.entry, password_state=state, is_authenticated=True) if tried and state else None

        return await self._reading(work)

    async def resolve(self, identifier: str) -> DirectoryEntry | None:
        name = _canonical(identifier)
        read = await self._reading(lambda link, _: self._named(link, identifier, name))
        return read.entry if read else None

    async def find(self, object_id: ObjectId) -> DirectoryEntry | None:
        read = await self._reading(lambda link, _: self._by_id(link, object_id))
        return read.entry if read else None

    async def attributes(self, entry: DirectoryEntry) -> Attributes:
        def work(link: Link, _: Call) -> Attributes:
            found = self._search(link, self.of_id(entry.object_id), entries.described_by(self.options))
            return entries.attributes_of(found[0], self.options) if len(found) == 1 else Attributes()

        return await self._reading(work)

    async def set_password(self, entry: DirectoryEntry, password: str) -> str:
        def work(link: Link, call: Call) -> str:
            read = self._unchanged(link, entry)
            with call.sending():
                outcome = self.send_reset(link, read, password)
            self.judge(outcome, read, password, by_person=False)
            return self._stamp_after(link, read)

        return await self._writing(entry, work)

    async def change_password(self, entry: DirectoryEntry, current: str, password: str) -> str:
        def work(link: Link, call: Call) -> str:
            read = self._unchanged(link, entry)
            if not (current and read.may_be_tried):
                raise WrongPassword
            with closing(self.links.anonymous(call)) as person:
                try:
                    outcome = person.bind(read.raw.dn, current)
                except Broken as fault:  # nothing was written, except that a failure may have been counted
                    raise DirectoryLost from fault
                if self.state_of(outcome) is None:
                    raise WrongPassword
                # Who is not let in any more, with the right password. The server compares the current one then, too.
                by = link if outcome.code else person
                with call.sending():
                    outcome = self.send_change(by, read, current, password)
            self.judge(outcome, read, password, by_person=True)
            return self._stamp_after(link, read)

        return await self._writing(entry, work)

    async def unlock(self, entry: DirectoryEntry) -> None:
        def work(link: Link, call: Call) -> None:
            read = self._unchanged(link, entry)
            if not read.entry.enabled:  # the same attribute, written by an administrator
                raise AccountChanged
            with call.sending():
                outcome = self.send_unlock(link, read)
            self.judge(outcome, read, "", by_person=False)

        await self._writing(entry, work)

    async def issue_temporary_access_pass(self, entry: DirectoryEntry, life: timedelta) -> str:  # noqa: ARG002  the port
        raise NotSupported

    # -- reading --

    async def _reading(self, work: Callable[[Link, Call], T]) -> T:
        try:
            return await self.links.run(work)
        except DirectoryUnknown as lost:  # the answer to a bind: no password was set
            raise DirectoryLost from lost

    def _named(self, link: Link, typed: str, name: str) -> Read | None:
        """Return the one entry of a name. An unknown name costs the same searches."""
        self.policies.read(link)
        spellings = {name, cleaned(typed)} if name else set()
        found = self._search(link, self._of_names(spellings))
        mine = [raw for raw in found if name and name in self.names_of(raw)]
        return self._completed(link, mine[0] if len(mine) == len(found) == 1 else None, name)

    def _by_id(self, link: Link, object_id: ObjectId) -> Read | None:
        self.policies.read(link)
        found = self._search(link, self.of_id(object_id))
        return self._completed(link, found[0] if len(found) == 1 else None, "")

    def _completed(self, link: Link, raw: Raw | None, name: str) -> Read | None:
        """Read what does not stand on the entry: whose its names are, its roles, and its policy."""
        options = self.options
        names, owners = self.names_of(raw) if raw else (name,), [self.names_of(raw)] if raw else []
        if len(options.names) > 1 or len(names) > 1:
            owners = [self.names_of(each) for each in self._search(link, self._of_names({*names} - {""}))]
        # A name that leads to two entries leads to nobody (rule 8), and the other names stay.
        shared = tuple(each for each in names if sum(each in theirs for theirs in owners) > 1)
        names = tuple(each for each in names if sum(each in theirs for theirs in owners) == 1)
        dn = raw.dn if raw else options.decoy_dn
        held = self.roles_by_membership(link, dn)
        if raw is None or not names:
            return None
        policy = self.policies.of(raw)
        facts = self.facts(raw, policy)
        if not facts.object_id:
            return None
        roles = facts.roles | held
        entry = DirectoryEntry(
            object_id=ObjectId(facts.object_id),
            names=names,
            enabled=facts.enabled,
            roles=roles,
            password_changed_at=facts.changed_at,
            password_stamp=facts.stamp,
            password_expires_at=facts.expires_at,
            shared_names=shared,
            mail_domains=options.mail_domains,
            # Nothing that strangers can move: a failed sign-in must not hinder a reset.
            revision=hashlib.sha256(f"{facts.stamp}\n{facts.enabled}\n{sorted(roles)}".encode()).hexdigest()[:32],
            locked=facts.locked,
        )
        rate = policy.lockout
        near = rate is not None and facts.failures >= max(1, rate.limit - LEFT_TO_THE_PERSON)
        return Read(entry, raw, policy, near)

    def _search(self, link: Link, wanted: str, attributes: list[str] | None = None) -> list[Raw]:
        asked = attributes or [*self.options.names, *self.wanted]
        return link.search(self.options.base_dn, f"(&{self.options.people_filter}{wanted})", asked, most=10)

    def _of_names(self, names: set[str]) -> str:
        spellings = {each for name in names for each in spellings_of(name)}
        return f"(|{''.join(map(self.of_name, sorted(spellings))) or self.of_name(NOBODYS_NAME)})"

    # -- writing --

    async def _writing(self, entry: DirectoryEntry, work: Callable[[Link, Call], T]) -> T:
        turn = self._turns.setdefault(entry.object_id, asyncio.Lock())
        async with turn:
            return await self.links.run(work)

    def _unchanged(self, link: Link, entry: DirectoryEntry) -> Read:
        """Return the entry as it is now. Raises AccountChanged. The connection is known to work afterwards."""
        read = self._by_id(link, entry.object_id)
        if read is None or read.entry.revision != entry.revision:
            raise AccountChanged
        return read

    def _stamp_after(self, link: Link, before: Read) -> str:
        """Return the stamp of the password that was just written. Empty where the server does not show a new one.

        Where the server's time has whole seconds, a second change within one keeps it. Nothing that fails here undoes
        what is written.
        """
        try:
            after = self._by_id(link, before.entry.object_id)
            if after is not None:
                self.afterwards(link, after)
        except Broken:
            return ""
        if after is None or after.entry.password_stamp == before.entry.password_stamp:
            return ""
        return after.entry.password_stamp


def _canonical(identifier: str) -> str:
    try:
        return canonical_identifier(identifier)
    except InvalidInput:
        return ""
