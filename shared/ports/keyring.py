"""Keyring: keyed digests for row keys, sealed contacts, and the keys that codes are derived from."""

from typing import Protocol

from shared.domain.account import AccountKey, ObjectId


class Unreadable(Exception):
    """A sealed value cannot be opened: wrong context, unknown key version, or altered."""


class Keyring(Protocol):
    """All operations with secret keys. They are pure computation without I/O, so they are not async."""

    def name_key(self, identifier: str) -> str:
        """Return the row key material for a canonical identifier (rule 7)."""
        ...

    def account_key(self, object_id: ObjectId) -> AccountKey: ...

    def stranger_key(self, identifier: str, week: str) -> AccountKey:
        """Return the account key, in that week, for a name of no account; its row looks like any other (D7)."""
        ...

    def digest(self, label: str, *parts: str) -> str:
        """Return a keyed digest of server-side values, for destinations, limiter keys and client prefixes."""
        ...

    def client_key(self, prefix: str) -> str:
        """Keyed digest of a client's prefix, for audit events and the reserve of known clients."""
        ...

    def seal(self, text: str, *, account: AccountKey, purpose: str) -> str:
        """Encrypt a contact for one account and purpose. It opens with the same ones only."""
        ...

    def open(self, sealed: str, *, account: AccountKey, purpose: str) -> str:
        """Decrypt a sealed contact. Raises Unreadable."""
        ...

    def resealed(self, sealed: str, *, account: AccountKey, purpose: str) -> str:
        """Return the value sealed with the newest key; unchanged if it already is, or cannot be opened."""
        ...

    @property
    def code_key_version(self) -> int:
        """Return the key version for new codes."""
        ...

    def code_key(self, version: int) -> bytes:
        """Return the code key of that version. Raises Unreadable if it is no longer available."""
        ...
