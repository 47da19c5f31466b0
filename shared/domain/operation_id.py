"""Make the operation id of an email, and read the account from the operation id in a delivery report.

A delivery report contains the operation id and no other value that the service chose. So the id itself identifies the
account. It is a UUID of version 8 (RFC 9562), which has 122 bits for the application:

    60 bits   the first 12 characters of the account key, which is a keyed hash: enough to find one row by a range
    62 bits   a digest of the email: each attempt to send it has the same id, so the provider accepts it once
"""

import hashlib
import re
from typing import Final

PREFIX: Final = 12
"""Characters of an account key, 5 bits each. That any two of a million accounts share them: 1 in 2 million."""

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
_BEGINS_LIKE_A_KEY: Final = re.compile(f"[{_ALPHABET}]{{{PREFIX}}}", re.ASCII)

_VERSION_8: Final = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-8([0-9a-f]{3})-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)


def operation_id(account: str, idempotency: str) -> str:
    """Return the id of one email. Raises ValueError if `account` is not an account key."""
    if not _BEGINS_LIKE_A_KEY.match(account):
        msg = "not an account key"
        raise ValueError(msg)
    beginning = 0
    for character in account[:PREFIX]:
        beginning = beginning << 5 | _ALPHABET.index(character)
    # The digest covers the whole key: two accounts with the same first characters still have different ids.
    digest = int.from_bytes(hashlib.sha256(f"{account}:{idempotency}".encode()).digest()[:8], "big") >> 2
    high, low = beginning >> 12, beginning & 0xFFF
    text = f"{high << 80 | 0x8 << 76 | low << 64 | 0b10 << 62 | digest:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def account_beginning(operation: str) -> str:
    """Return the first characters of the account key; empty if the id was not made by this service."""
    found = _VERSION_8.fullmatch(operation.lower())
    if found is None:
        return ""
    beginning = int(found[1] + found[2] + found[3], 16)
    return "".join(_ALPHABET[beginning >> shift & 31] for shift in range(5 * (PREFIX - 1), -1, -5))
