"""The Keyring with HMAC-SHA-256 and AES-256-GCM, with versioned keys."""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.account import AccountKey, ObjectId, stranger_key
from shared.ports.keyring import Unreadable

NONCE_BYTES = 12
"""Nonce size in bytes, as GCM recommends (NIST SP 800-38D). Random nonces are safe for 2^32 seals under one key."""


@dataclass(frozen=True, slots=True, repr=False)
class VersionedKeys:
    """Keys by version. The newest seals; all of them open (R-103)."""

    by_version: Mapping[int, bytes]

    @property
    def newest(self) -> int:
        return max(self.by_version)

    def __getitem__(self, version: int) -> bytes:
        try:
            return self.by_version[version]
        except KeyError:
            raise Unreadable from None


@dataclass(frozen=True, slots=True, repr=False)
class SealedKeyring:
    """Row keys are derived from `index_key`, which never rotates (rule 7). The others rotate by adding a version."""

    index_key: bytes
    code_keys: VersionedKeys
    seal_keys: VersionedKeys
    directory_id: str

    def name_key(self, identifier: str) -> str:
        return self.digest("name", self.directory_id, identifier)

    def account_key(self, object_id: ObjectId) -> AccountKey:
        return AccountKey(self.digest("object", self.directory_id, object_id))

    def stranger_key(self, identifier: str, week: str) -> AccountKey:
        # A separate label: no typed name can have the same key as an immutable id.
        return stranger_key(week, self.digest("stranger", self.directory_id, week, identifier))

    def digest(self, label: str, *parts: str) -> str:
        message = b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in (label, *parts))
        mac = hmac.digest(self.index_key, message, hashlib.sha256)
        return base64.b32encode(mac).decode().rstrip("=").lower()

    def client_key(self, prefix: str) -> str:
        return self.digest("client", prefix)

    def seal(self, text: str, *, account: AccountKey, purpose: str) -> str:
        return seal(self.seal_keys, text.encode(), f"contact:{account}:{purpose}")

    def open(self, sealed: str, *, account: AccountKey, purpose: str) -> str:
        return unseal(self.seal_keys, sealed, f"contact:{account}:{purpose}").decode()

    def resealed(self, sealed: str, *, account: AccountKey, purpose: str) -> str:
        if sealed.startswith(f"{self.seal_keys.newest}."):
            return sealed
        try:
            return self.seal(self.open(sealed, account=account, purpose=purpose), account=account, purpose=purpose)
        except Unreadable:
            return sealed

    @property
    def code_key_version(self) -> int:
        return self.code_keys.newest

    def code_key(self, version: int) -> bytes:
        return self.code_keys[version]


def seal(keys: VersionedKeys, plain: bytes, context: str) -> str:
    """Return `version.nonce+ciphertext`. It is bound to `context` and version, and opens with the same ones only."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    version = keys.newest
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(keys[version]).encrypt(nonce, plain, f"{version}:{context}".encode())
    return f"{version}.{base64.urlsafe_b64encode(nonce + sealed).decode().rstrip('=')}"


def unseal(keys: VersionedKeys, sealed: str, context: str) -> bytes:
    """Open a sealed value. Raises Unreadable for anything that `seal` did not make for this context."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head, _, body = sealed.partition(".")
    if not (head.isascii() and head.isdigit() and len(head) < 5 and body.isascii()):
        raise Unreadable
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        version = int(head)
        return AESGCM(keys[version]).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], f"{version}:{context}".encode())
    except (ValueError, InvalidTag):
        raise Unreadable from None
