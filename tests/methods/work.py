"""Count the work of a call, which is the same in every run, and hash fast what the service hashes slowly."""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from types import FrameType
from typing import Any

from shared.methods import Context, HashedSecretMethod, KeptSecretMethod
from tests.builders import a_context
from tests.fakes.clock import MONDAY_MORNING

CRYPTOGRAPHY = ("hashlib", "_hashlib", "_sha", "hmac", "_hmac", "cryptography", "argon2", "_argon2")
"""Modules whose functions are slow enough to be measured from outside."""


def cryptographic_calls(call: Callable[[], object]) -> Counter[str]:
    """Return the functions of cryptographic modules that ran, and how often each."""
    calls: Counter[str] = Counter()

    def noted(frame: FrameType, event: str, called: Any) -> None:
        if event == "call":
            module, name = frame.f_globals.get("__name__", ""), frame.f_code.co_qualname
        elif event == "c_call":
            owner = getattr(called, "__self__", None)
            module = getattr(called, "__module__", None) or type(owner).__module__
            name = getattr(called, "__qualname__", repr(called))
        else:
            return
        if str(module).startswith(CRYPTOGRAPHY) or "compare_digest" in name:
            calls[f"{module}.{name}"] += 1

    earlier = sys.getprofile()
    sys.setprofile(noted)
    try:
        call()
    finally:
        sys.setprofile(earlier)
    return calls


def context_of(
    method: KeptSecretMethod, stored: str | None, *answers: str, now: datetime = MONDAY_MORNING, salt: str = "salt"
) -> Context:
    """Return the context with the hashes that the service adds. They are quick here: a method cannot tell."""
    if not isinstance(method, HashedSecretMethod):
        return a_context(now)
    salt = salt if stored is None else method.salt_of(stored)
    parts = [part for answer in answers for part in method.parts(answer)]
    hashes = tuple(sha256(f"{salt} {part}".encode()).hexdigest()[:22] for part in parts)
    return replace(a_context(now), salt=salt, hashes=hashes)
