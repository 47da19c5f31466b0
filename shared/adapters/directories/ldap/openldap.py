"""A directory with password policies: OpenLDAP with the overlay ppolicy, or 389 Directory Server by its names.

RFC 3062 has no condition, so a write is not atomic with the read before it. Writes of one process take turns by entry;
those of several are held apart by the row (rule 11). A change by an administrator of the directory in the few
milliseconds between the two is not seen: the later password stands, and the stamp says so.

Long: the operations of one directory belong together.
"""

import asyncio
import hashlib
import logging
import weakref
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import ClassVar, Final, NamedTuple, TypeVar

from shared.adapters.directories import Parts
from shared.adapters.directories.ldap import entries
from shared.adapters.directories.ldap.answers import judge, state_of
from shared.adapters.directories.ldap.library import escape_filter_chars
from shared.adapters.directories.ldap.link import NO_SUCH_ATTRIBUTE, SUCCESS, Broken, Link, Raw
from shared.adapters.directories.ldap.links import Call, Links
from shared.adapters.directories.ldap.options import Options, options_from
from shared.adapters.directories.ldap.policies import Policies
from shared.domain.account import ADMINISTRATOR, DirectoryEntry, ObjectId, PasswordState
from shared.domain.errors import InvalidInput
from shared.domain.limits import Rate
from shared.ports.clock import Clock
from shared.ports.directory import (
    AccountChanged,
    Attributes,
    Capability,
    DirectoryLost,
    DirectoryUnknown,
    NotSupported,
    WrongPassword,
)
from shared.validation.identifier import canonical_identifier
from shared.validation.typed_text import cleaned

T = TypeVar("T")

_LOG: Final = logging.getLogger("sesame.directory")

LEFT_TO_THE_PERSON: Final = 2
"""Failures below the lockout that are left for a typing error elsewhere (rule 18)."""
NOBODYS_PASSWORD: Final = "nobody has this one"  # noqa: S105  it is tried where nothing can be right


class Read(NamedTuple):
    """An entry, and what only this file needs of it."""

    entry: DirectoryEntry
    raw: Raw
    near_lockout: bool

    @property
    def may_be_tried(self) -> bool:
        """Whether a wrong password can do no harm and a right one some good (rule 18)."""
        return self.entry.enabled and not self.entry.locked and not self.near_lockout


def directory(parts: Parts) -> "OpenLdapDirectory":
    """Made when the wiring needs it. Raises ValueError for unsafe settings."""
    return OpenLdapDirectory(Links(options_from(parts.directory_options)), parts.clock)


@dataclass(eq=False)
class OpenLdapDirectory:
    """Names are compared as the directory compares them, and again in the form of this service (R-98)."""

    links: Links
    clock: Clock
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability) - {Capability.TEMPORARY_ACCESS_PASS}
    policies: Policies = field(init=False)
    _turns: "weakref.WeakValueDictionary[ObjectId, asyncio.Lock]" = field(
        default_factory=weakref.WeakValueDictionary, init=False
    )

    def __post_init__(self) -> None:
        self.policies = Policies(self.options)

    @property
    def options(self) -> Options:
        return self.links.options

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
                state = state_of(person.bind(dn, secret))
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
            wanted = ["mobile", "telephoneNumber", "preferredLanguage", "manager", "memberOf"]
            found = self._search(link, self._of_id(entry.object_id), [*wanted, self.options.email_attribute or "mail"])
            if len(found) != 1:
                return Attributes()
            raw = found[0]
            return Attributes(
                mobile_phone=raw.first("mobile"),
                office_phone=raw.first("telephoneNumber"),
                email=raw.first(self.options.email_attribute) if self.options.email_attribute else "",
                language=raw.first("preferredLanguage"),
                manager=raw.first("manager"),
                groups=tuple(raw.all("memberOf")),
            )

        return await self._reading(work)

    async def set_password(self, entry: DirectoryEntry, password: str) -> str:
        def work(link: Link, call: Call) -> str:
            read = self._unchanged(link, entry)
            with call.sending():
                outcome = link.set_password(read.raw.dn, password)
            judge(outcome)
            return self._stamp_after(link, read)

        return await self._writing(entry, work)

    async def change_password(self, entry: DirectoryEntry, current: str, password: str) -> str:
        def work(link: Link, call: Call) -> str:
            read = self._unchanged(link, entry)
            dn = read.raw.dn
            if not (current and read.may_be_tried):
                raise WrongPassword
            with closing(self.links.anonymous(call)) as person:
                try:
                    state = state_of(person.bind(dn, current))
                except Broken as fault:  # nothing was written, except that a failure may have been counted
                    raise DirectoryLost from fault
                if state is None:
                    raise WrongPassword
                # Whose password has expired is let in no more. The server compares the current one then, too.
                by = link if state is PasswordState.EXPIRED else person
                with call.sending():
                    outcome = by.set_password(dn, password, current)
            judge(outcome)
            return self._stamp_after(link, read)

        return await self._writing(entry, work)

    async def unlock(self, entry: DirectoryEntry) -> None:
        def work(link: Link, call: Call) -> None:
            read = self._unchanged(link, entry)
            if not read.entry.enabled:  # the same attribute, written by an administrator
                raise AccountChanged
            with call.sending():
                outcome = link.remove(read.raw.dn, self.options.kind.locked)
            if outcome.code not in {SUCCESS, NO_SUCH_ATTRIBUTE}:
                judge(outcome)

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
        spellings = {name, cleaned(typed)} if name else {""}
        found = self._search(link, self._of_names(spellings))
        mine = [raw for raw in found if name and name in entries.names_of(raw, self.options)]
        return self._completed(link, mine[0] if len(mine) == len(found) == 1 else None, name)

    def _by_id(self, link: Link, object_id: ObjectId) -> Read | None:
        found = self._search(link, self._of_id(object_id))
        return self._completed(link, found[0] if len(found) == 1 else None, "")

    def _completed(self, link: Link, raw: Raw | None, name: str) -> Read | None:
        """Read what does not stand on the entry: whose its names are, its roles, and its policy."""
        options, now = self.options, self.clock.now()
        names = entries.names_of(raw, options) if raw else (name,)
        shared: tuple[str, ...] = ()
        if len(options.names) > 1 or len(names) > 1:
            owners = [entries.names_of(each, options) for each in self._search(link, self._of_names(set(names)))]
            # A name that leads to two entries leads to nobody (rule 8), and the other names stay.
            shared = tuple(each for each in names if sum(each in theirs for theirs in owners) > 1)
            names = tuple(each for each in names if sum(each in theirs for theirs in owners) == 1)
        is_administrator = self._is_administrator(link, raw.dn if raw else options.decoy_dn)
        self.policies.read(link)
        if raw is None or not names or not raw.first(options.kind.object_id):
            return None
        policy = self.policies.of(raw)
        enabled = entries.is_enabled(raw, options.kind, now)
        stamp, roles = (
            entries.stamp_of(raw, options.kind, has_policies=self.policies.found),
            frozenset({ADMINISTRATOR} if is_administrator else ()),
        )
        failed = entries.failures(raw, options.kind, policy, now)
        entry = DirectoryEntry(
            object_id=ObjectId(raw.first(options.kind.object_id).lower()),
            names=names,
            enabled=enabled,
            roles=roles,
            password_changed_at=entries.changed_at(raw, options.kind),
            password_stamp=stamp,
            password_expires_at=entries.expires_at(raw, options.kind, self.policies.of(raw)),
            shared_names=shared,
            mail_domains=options.mail_domains,
            # Nothing that strangers can move: a failed sign-in must not hinder a reset.
            revision=hashlib.sha256(f"{stamp}\n{enabled}\n{sorted(roles)}".encode()).hexdigest()[:32],
            locked=entries.is_locked(raw, options.kind, policy, now),
        )
        rate = policy.lockout
        near = rate is not None and failed >= max(1, rate.limit - LEFT_TO_THE_PERSON)
        return Read(entry, raw, near)

    def _search(self, link: Link, wanted: str, attributes: list[str] | None = None) -> list[Raw]:
        asked = attributes or [*self.options.names, *entries.operational(self.options.kind)]
        return link.search(self.options.base_dn, f"(&{self.options.people_filter}{wanted})", asked, most=10)

    def _of_names(self, names: set[str]) -> str:
        terms = [
            f"({attribute}={escape_filter_chars(name) if name else chr(92) + '00'})"
            for attribute in self.options.names
            for name in sorted(names)
        ]
        return f"(|{''.join(terms)})"

    def _of_id(self, object_id: ObjectId) -> str:
        return f"({self.options.kind.object_id}={escape_filter_chars(str(object_id) or 'none')})"

    def _is_administrator(self, link: Link, dn: str) -> bool:
        if not self.options.administrators_dn:
            return False
        value = escape_filter_chars(dn)
        wanted = f"(|(member={value})(uniqueMember={value}))"
        return bool(link.search(self.options.administrators_dn, wanted, ["objectClass"], most=1, alone=True))

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

        The server's time has whole seconds: a second change within one keeps it. Nothing that fails here undoes what
        is written.
        """
        try:
            after = self._by_id(link, before.entry.object_id)
            if after is not None and after.raw.first(self.options.kind.must_change).upper() == "TRUE":
                # The service account has more rights than it should: the server takes it for an administrator.
                link.remove(after.raw.dn, self.options.kind.must_change)
                _LOG.warning("the service account may manage passwords: history and minimum age do not apply")
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
