"""What each kind of server does in its own way. `directory.py` does the rest, in the same way for all."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from shared.adapters.directories.ldap import entries
from shared.adapters.directories.ldap.library import escape_filter_chars
from shared.adapters.directories.ldap.link import Link, Outcome, Raw
from shared.adapters.directories.ldap.links import Links
from shared.adapters.directories.ldap.options import Options
from shared.adapters.directories.ldap.policies import Policies
from shared.adapters.directories.ldap.policy import Policy
from shared.domain.account import DirectoryEntry, ObjectId, PasswordState
from shared.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Facts:
    """What one kind of server keeps in its own way."""

    object_id: str
    enabled: bool
    locked: bool
    failures: int
    """Failed sign-ins that count now, wherever they came from."""
    changed_at: datetime
    stamp: str
    expires_at: datetime | None
    roles: frozenset[str] = frozenset()
    """Roles that stand on the entry itself."""


class Read(NamedTuple):
    """An entry, and what only this package needs of it."""

    entry: DirectoryEntry
    raw: Raw
    policy: Policy
    near_lockout: bool

    @property
    def may_be_tried(self) -> bool:
        """Whether a wrong password can do no harm and a right one some good (rule 18)."""
        return self.entry.enabled and not self.entry.locked and not self.near_lockout


@dataclass(eq=False)
class Dialect(ABC):
    """Each operation sends one request; the caller has said before that a write may happen from now on."""

    links: Links
    clock: Clock
    policies: Policies = field(init=False)

    @property
    def options(self) -> Options:
        return self.links.options

    @property
    @abstractmethod
    def wanted(self) -> tuple[str, ...]:
        """The attributes that are read of every entry, beside its names."""

    @abstractmethod
    def facts(self, raw: Raw, policy: Policy) -> Facts:
        """Return what the attributes say."""

    @abstractmethod
    def state_of(self, outcome: Outcome) -> PasswordState | None:
        """Return what a password is good for; None where it is not right, or nothing says that it is."""

    @abstractmethod
    def send_reset(self, link: Link, read: Read, password: str) -> Outcome:
        """Set a password as the service account."""

    @abstractmethod
    def send_change(self, link: Link, read: Read, current: str, password: str) -> Outcome:
        """Set a password with the current one, which the server compares."""

    @abstractmethod
    def send_unlock(self, link: Link, read: Read) -> Outcome:
        """End a lock. Its success includes that there was none."""

    @abstractmethod
    def judge(self, outcome: Outcome, read: Read, password: str, *, by_person: bool) -> None:
        """Return where the write was carried out. Raises what the answer says otherwise; doubt is never a success."""

    def names_of(self, raw: Raw) -> tuple[str, ...]:
        """Return the canonical names, in the order of the attributes, each once."""
        return entries.names_of(raw, self.options)

    def of_name(self, name: str) -> str:
        """Return the terms of a filter for one name, which is not empty."""
        return "".join(f"({attribute}={escape_filter_chars(name)})" for attribute in self.options.names)

    def of_id(self, object_id: ObjectId) -> str:
        """Return the filter for an id."""
        return f"({self.options.kind.object_id}={escape_filter_chars(str(object_id) or 'none')})"

    def roles_by_membership(self, link: Link, dn: str) -> frozenset[str]:
        """Return the roles that come from groups. The same searches for every entry."""
        groups = self.options.role_groups
        return frozenset(role.value for role, group in groups.items() if self.is_member(link, dn, group))

    def is_member(self, link: Link, dn: str, group: str) -> bool:
        """Return whether the entry is a member of the group."""
        value = escape_filter_chars(dn)
        wanted = f"(|(member={value})(uniqueMember={value}))"
        return bool(link.search(group, wanted, ["objectClass"], most=1, alone=True))

    def afterwards(self, link: Link, after: Read) -> None:  # noqa: B027  most have nothing to look at
        """Look at the entry after a new password was set. Only Broken is expected."""
