"""A passkey on a device of its own for each registration (`tests/passkeys.py`)."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from tests.passkeys import Device, p256

SHOWN = {"options"}
SPENT_FOR = timedelta(0)
"""The next challenge can be answered at once."""
_devices: dict[str, Device] = {}


def answer(shown: Mapping[str, str], challenge: Mapping[str, str], now: datetime) -> str:
    """Register the device, or answer the challenge with it."""
    del now
    number = sum(shown["options"].encode())
    device = _devices.setdefault(shown["options"], Device(p256(number), f"credential {number}".encode()))
    return device.answer(challenge["options"]) if challenge else device.register(shown["options"])


def wrong(right: str) -> str:
    """Return the answer with another signature, or with another challenge where nothing is signed yet."""
    given = json.loads(right)
    part = "signature" if "signature" in given["response"] else "clientDataJSON"
    text = given["response"][part]
    at = len(text) // 2
    given["response"][part] = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
    return json.dumps(given)
