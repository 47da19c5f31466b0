"""Tokens as AES-256-GCM ciphertext. All tokens of one purpose have the same length, which reveals nothing (R-01)."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from shared.adapters.keyring import VersionedKeys, seal, unseal
from shared.domain.errors import Refused, SignInRequired
from shared.ports.keyring import Unreadable
from shared.ports.tokens import TokenPurpose
from shared.validation.records import decode, encode

T = TypeVar("T")

PLAIN_BYTES = 1496
"""The padded size in bytes, enough for the longest value: two gates, five sends, a passkey's request."""

SIZES: Final = {TokenPurpose.CALL: 416}
"""Of tokens that stand in an address."""

TOKEN_LIMIT = 2048
"""Maximum characters of a token. A longer one is refused before it is decoded."""


@dataclass(frozen=True, slots=True)
class SealedTokens:
    keys: VersionedKeys

    def seal(self, purpose: TokenPurpose, value: object) -> str:
        plain, size = encode(value).encode(), SIZES.get(purpose, PLAIN_BYTES)
        if len(plain) > size:
            msg = f"a token of {len(plain)} bytes, where {size} are the rule"
            raise ValueError(msg)
        return seal(self.keys, plain.ljust(size), f"token:{purpose}")

    def open(self, purpose: TokenPurpose, token: str, kind: type[T]) -> T:
        refused = SignInRequired if purpose in {TokenPurpose.SESSION, TokenPurpose.ACTIVATION} else Refused
        if len(token) > TOKEN_LIMIT:
            raise refused
        try:
            return decode(kind, unseal(self.keys, token, f"token:{purpose}").decode())
        except (Unreadable, ValueError):
            raise refused from None

    def open_one_of(self, purposes: Sequence[TokenPurpose], token: str, kind: type[T]) -> T:
        *others, last = purposes
        for purpose in others:
            with contextlib.suppress(Refused):
                return self.open(purpose, token, kind)
        return self.open(last, token, kind)
