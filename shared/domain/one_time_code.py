"""One-time codes: derived, never stored (rule 6).

A code is an HMAC over everything it is bound to, reduced to decimal digits. The reduction takes 16 of the 32 bytes, so
the bias towards any digit is below 2^-80 for 12 digits (R-10). Change one bound value and the code is another: a
code of another account, verification, gate, method, channel, destination or send number never fits (R-13).
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

from shared.domain.person import Claim, Purpose

_DIGITS = re.compile("[0-9]+")  # not \d: that takes every script's digits


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBinding:
    """What a code is bound to."""

    purpose: Purpose
    code_key: int
    account: str
    verification: str
    gate: int
    method: str
    channel: str
    destination: str
    send: int


def binding_of(claim: Claim, account: str) -> CodeBinding:
    """What the code of this claim is bound to: asked for when it is sent and whenever it is judged."""
    return CodeBinding(
        purpose=claim.purpose,
        code_key=claim.code_key,
        account=account,
        verification=claim.verification,
        gate=claim.gate,
        method=claim.method,
        channel=claim.channel,
        destination=claim.destination,
        send=claim.send,
    )


def derive_code(key: bytes, binding: CodeBinding, *, digits: int) -> str:
    """The code for `binding`, with its leading zeros."""
    parts = (
        binding.purpose, str(binding.code_key), binding.account, binding.verification, str(binding.gate),
        binding.method, binding.channel, binding.destination, str(binding.send),
    )  # fmt: skip
    # Length prefixes keep ("ab", "c") and ("a", "bc") apart.
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    number = int.from_bytes(hmac.digest(key, message, hashlib.sha256)[:16], "big")
    return str(number % 10**digits).zfill(digits)


def typed_code(answer: str) -> str:
    """The digits of what a human typed; blanks and hyphens between them are how people copy, anything else is wrong.

    Returns an empty string, which matches no code, when there is anything but ASCII digits.
    """
    bare = answer.replace(" ", "").replace("\u00a0", "").replace("-", "").strip()
    return bare if _DIGITS.fullmatch(bare) else ""


def codes_match(key: bytes, typed: str, expected: str) -> bool:
    """Compare in constant time over fixed-length MACs, whatever was typed (R-15)."""
    return hmac.compare_digest(
        hmac.digest(key, typed.encode(), hashlib.sha256), hmac.digest(key, expected.encode(), hashlib.sha256)
    )
