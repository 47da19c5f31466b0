"""Operation ids: the id under which an email is handed to the provider, and what its delivery report brings back.

The report of an email names its operation and nothing else that we gave along. So the id itself says whose letter it
is: a UUID of version 8 (RFC 9562), which leaves 122 bits to us.

    60 bits   the first 12 characters of the account key, itself a keyed hash: enough to find one row by a range
    62 bits   a digest of the letter: the same letter has the same id in every attempt, and the provider takes it once
"""

import hashlib
import re
from typing import Final

PREFIX: Final = 12
"""Characters of an account key, 5 bits each. Two of a million accounts share them with a chance of 1 in 2 million."""

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
_BEGINS_LIKE_A_KEY: Final = re.compile(f"[{_ALPHABET}]{{{PREFIX}}}", re.ASCII)

_VERSION_8: Final = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-8([0-9a-f]{3})-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)


def operation_id(account: str, idempotency: str) -> str:
    """The id for one letter. Raises ValueError for an account key that is none."""
    if not _BEGINS_LIKE_A_KEY.match(account):
        msg = "not an account key"
        raise ValueError(msg)
    beginning = 0
    for character in account[:PREFIX]:
        beginning = beginning << 5 | _ALPHABET.index(character)
    # The whole key is in the digest: two accounts with one beginning still have different ids.
    digest = int.from_bytes(hashlib.sha256(f"{account}:{idempotency}".encode()).digest()[:8], "big") >> 2
    high, low = beginning >> 12, beginning & 0xFFF
    text = f"{high << 80 | 0x8 << 76 | low << 64 | 0b10 << 62 | digest:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def account_beginning(operation: str) -> str:
    """The first characters of the account key in an id of ours; empty for anybody else's."""
    found = _VERSION_8.fullmatch(operation.lower())
    if found is None:
        return ""
    beginning = int(found[1] + found[2] + found[3], 16)
    return "".join(_ALPHABET[beginning >> shift & 31] for shift in range(5 * (PREFIX - 1), -1, -5))
