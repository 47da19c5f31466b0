"""Count the work of a call. A count is the same in every run, a time is not."""

import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

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
