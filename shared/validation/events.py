"""Audit events as the queue carries them: JSON of one size, whatever is inside (R-94)."""

import json
from typing import Final

import msgspec

from shared.domain.audit import AuditEvent
from shared.validation.padding import padded

EVENT_BYTES: Final = 576
"""Room for the longest values; an event that does not fit is a fault of ours and raises."""


def encode_event(event: AuditEvent) -> str:
    """The event as one queue message."""
    return padded({"event": msgspec.to_builtins(event)}, EVENT_BYTES)


def decode_event(text: str) -> AuditEvent:
    """Raises ValueError for anything but a message of ours."""
    return msgspec.convert(json.loads(text)["event"], AuditEvent)
