"""The real keyring and tokens, with fixed keys."""

import hashlib

from shared.adapters.keyring import SealedKeyring, VersionedKeys
from shared.adapters.sealed_tokens import SealedTokens


def a_key(label: str) -> bytes:
    """Return 32 bytes that are the same in every run."""
    return hashlib.sha256(label.encode()).digest()


def a_keyring(
    *, code_versions: tuple[int, ...] = (1,), seal_versions: tuple[int, ...] = (1,), directory_id: str = "tests"
) -> SealedKeyring:
    return SealedKeyring(
        index_key=a_key("index"),
        code_keys=VersionedKeys({version: a_key(f"code {version}") for version in code_versions}),
        seal_keys=VersionedKeys({version: a_key(f"seal {version}") for version in seal_versions}),
        directory_id=directory_id,
    )


def some_tokens(versions: tuple[int, ...] = (1,)) -> SealedTokens:
    return SealedTokens(VersionedKeys({version: a_key(f"token {version}") for version in versions}))
