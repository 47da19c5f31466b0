"""Keyring: keyed names for rows, sealed contacts, and the keys that codes are derived with."""

from typing import Protocol

from shared.domain.account import AccountKey, ObjectId


class Unreadable(Exception):
    """A sealed value does not open: the wrong place, an unknown key version, or altered."""


class Keyring(Protocol):
    """Everything that needs a secret key, and nothing else. Pure computation: no I/O, so not async."""

    def name_key(self, identifier: str) -> str:
        """Row key material for a canonical identifier (rule 7)."""
        ...

    def account_key(self, object_id: ObjectId) -> AccountKey: ...

    def stranger_key(self, identifier: str) -> AccountKey:
        """The account key of a name that leads nowhere: its row is like everybody's (D7)."""
        ...

    def digest(self, label: str, *parts: str) -> str:
        """Keyed digest of server-side values, for destinations, limiter keys and client prefixes."""
        ...

    def seal(self, text: str, *, account: AccountKey, purpose: str) -> str:
        """Seal a contact for one account and purpose; it opens nowhere else."""
        ...

    def open(self, sealed: str, *, account: AccountKey, purpose: str) -> str:
        """Raises Unreadable."""
        ...

    def resealed(self, sealed: str, *, account: AccountKey, purpose: str) -> str:
        """The same under the newest key; as it is where that key sealed it already, or where it does not open."""
        ...

    @property
    def code_key_version(self) -> int:
        """The version to derive new codes with."""
        ...

    def code_key(self, version: int) -> bytes:
        """Raises Unreadable for a version that is no longer held."""
        ...
