"""Define the keys of an account, and the entry that a directory holds for it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

ObjectId = NewType("ObjectId", str)
"""The directory's immutable id (objectGUID, entryUUID, oid; embedded: random). Never a name, a DN or an address."""

AccountKey = NewType("AccountKey", str)
"""Partition key of everything kept about an account. It is a keyed hash, so storage logs may contain it."""

STRANGER_DIGEST = 43
"""Characters of the digest in the key of a stranger's row, so that it is as long as the key of an account."""

PROTECTED = "protected"
"""The role of an account that the directory itself protects, such as a domain administrator's. It needs two gates, like
every role, and may do nothing here that others may not."""


def stranger_key(week: str, digest: str) -> AccountKey:
    """Return the key of the row of a name that belongs to no account. It is another one every week, so rows expire."""
    return AccountKey(f"{week}-{digest[:STRANGER_DIGEST]}")


def week_of_stranger(account: AccountKey) -> str:
    """Return the week of a stranger's row. Empty for an account, whose key contains no hyphen."""
    week, hyphen, _ = account.partition("-")
    return week if hyphen else ""


class PasswordState(StrEnum):
    """What a right password is good for."""

    FINE = "fine"
    EXPIRED = "expired"
    """For choosing another one, because it is too old."""
    MUST_CHANGE = "must_change"
    """For choosing another one, because somebody else set it."""


class ManagedBy(StrEnum):
    """Who manages the password of an account. This service can set only those of its directory."""

    THIS_DIRECTORY = "this_directory"
    ON_PREMISES = "on_premises"
    """A directory of the same organisation, from which the account is synchronised."""
    ANOTHER_ORGANISATION = "another_organisation"
    """The organisation of a guest, or the identity provider of a federated account."""
    ADMINISTRATORS = "administrators"
    """Other administrators alone: the account has a role, and this service must not have the right to reset it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryEntry:
    """One entry of a directory, as it is now."""

    object_id: ObjectId
    names: tuple[str, ...]
    """Every name of the account in the directory, as canonical identifiers. The first one is shown."""
    enabled: bool
    roles: frozenset[str]
    """Those of `shared/domain/roles.py`. Another word makes the account privileged and permits nothing."""
    password_changed_at: datetime
    """By the directory's clock. Only compared where the stamp does not say enough (rule 11)."""
    password_stamp: str
    """Opaque value of at most 64 characters. It differs after every new password, and after nothing else."""
    has_password: bool = True
    """Whether it has, or ever had, a password. Only the embedded directory has accounts that never had one."""
    password_expires_at: datetime | None = None
    """When it expires, by the directory's clock. None where it does not, or the directory does not tell."""
    shared_names: tuple[str, ...] = ()
    """Names of the entry that another entry has too. They lead to nobody (rule 8)."""
    revision: str
    """Opaque value. The directory's adapter uses it to refuse a write when the entry changed since it was read."""
    mail_domains: frozenset[str] = frozenset()
    """Domains, in lower-case ASCII, whose mailboxes open with this password, where the directory can tell (M4)."""
    locked: bool = False
    """Whether failed sign-ins have locked it. It is enabled, and may be unlocked."""
    password_state: PasswordState = PasswordState.FINE
    """Only known from the right password, that is from `authenticate`."""
    is_authenticated: bool = field(default=False, compare=False)
    """Whether `authenticate` returned it, so that its password was right at this revision."""
    managed_by: ManagedBy = ManagedBy.THIS_DIRECTORY
    """A reset is refused for everybody else, and only after the whole proof is said why."""

    @property
    def is_privileged(self) -> bool:
        """Whether two gates are needed, even if the policy asks for one (R-28)."""
        return bool(self.roles)
