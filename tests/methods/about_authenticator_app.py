"""An authenticator app, written from RFC 4226 and RFC 6238 and not from the service's own method."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

DIGITS = 6
SHOWN = {"uri", "secret"}
SPENT_FOR = timedelta(seconds=30)
"""The app shows another code after one step."""


def code(secret: bytes, now: datetime) -> str:
    """Return the HOTP code (RFC 4226 5.3) of the number of 30-second steps since 1970 (RFC 6238 4.2)."""
    steps = int(now.timestamp()) // 30
    mac = hmac.digest(secret, steps.to_bytes(8, "big"), hashlib.sha1)
    offset = mac[-1] & 0x0F
    return f"{(int.from_bytes(mac[offset : offset + 4], 'big') & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}"


def answer(shown: Mapping[str, str], challenge: Mapping[str, str], now: datetime) -> str:
    """Return the code that the app shows now, after its owner typed or scanned the secret."""
    del challenge
    return code(base64.b32decode(shown["secret"]), now)


def wrong(right: str) -> str:
    """Return a code that differs in every digit."""
    return "".join(str((int(digit) + 5) % 10) for digit in right)
