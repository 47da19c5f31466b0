"""Faults on demand: the next requests whose target contains a text fail in the way that is named."""

import enum
from dataclasses import dataclass


class Fault(enum.StrEnum):
    """How a request fails."""

    THROTTLED = "throttled"  # 429 with Retry-After in seconds
    THROTTLED_UNTIL = "throttled_until"  # 429 with Retry-After as a date (RFC 9110, section 10.2.3)
    THROTTLED_SILENTLY = "throttled_silently"  # 429 without it, as some identity services answer
    UNAVAILABLE = "unavailable"  # 503
    UNAVAILABLE_FOR = "unavailable_for"  # 503 with Retry-After
    FAILED = "failed"  # 500 after it was carried out
    SLOW = "slow"  # carried out, and answered later than our clients wait
    DROP = "drop"  # the connection is closed; nothing is done
    GARBLED = "garbled"  # carried out, and nobody can unpack the answer
    APPLIED_THEN_DROP = "applied_then_drop"  # carried out, then the connection is closed


@dataclass
class ArmedFault:
    """One fault, for the next requests of this method whose target contains this text."""

    method: str
    target: str
    fault: Fault
    times: int = 1
    skip: int = 0
    """How many such requests are answered as usual before."""


def take(faults: list[ArmedFault], method: str, target: str) -> Fault | None:
    """Use up one occurrence of the first fault that matches."""
    for armed in faults:
        if armed.method == method and armed.target in target:
            if armed.skip:
                armed.skip -= 1
                continue
            armed.times -= 1
            if armed.times == 0:
                faults.remove(armed)
            return armed.fault
    return None
