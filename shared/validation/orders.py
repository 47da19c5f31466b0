"""Orders and audit events as the queues carry them: JSON of one size, whatever is inside (R-94)."""

import json
from typing import Final

import msgspec

from shared.domain.audit import AuditEvent
from shared.domain.claims import CodeOrder
from shared.domain.message import Kind, NoticeOrder, NudgeOrder
from shared.domain.trail import Order

ORDER_BYTES: Final = 704
EVENT_BYTES: Final = 576
"""Both leave room for the longest values; a message that does not fit is a fault of ours and raises."""

_KINDS: Final[dict[str, type[CodeOrder] | type[NoticeOrder] | type[NudgeOrder]]] = {
    Kind.CODE: CodeOrder,
    Kind.NOTICE: NoticeOrder,
    Kind.NUDGE: NudgeOrder,
}


def encode_order(order: Order) -> str:
    """The order as one queue message."""
    kind = next(name for name, of in _KINDS.items() if isinstance(order, of))
    return _padded({"kind": kind, "order": msgspec.to_builtins(order)}, ORDER_BYTES)


def decode_order(text: str) -> Order:
    """Raises ValueError for anything but a message of ours."""
    message = json.loads(text)
    kind = _KINDS.get(str(message.get("kind"))) if isinstance(message, dict) else None
    if kind is None:
        msg = "not an order"
        raise ValueError(msg)
    return msgspec.convert(message["order"], kind)


def encode_event(event: AuditEvent) -> str:
    """The event as one queue message."""
    return _padded({"event": msgspec.to_builtins(event)}, EVENT_BYTES)


def decode_event(text: str) -> AuditEvent:
    """Raises ValueError for anything but a message of ours."""
    return msgspec.convert(json.loads(text)["event"], AuditEvent)


def _padded(message: dict[str, object], size: int) -> str:
    """The message with a filler; a queue's message sizes then say nothing about whom they are for."""
    bare = len(json.dumps({**message, "pad": ""}, separators=(",", ":")))
    if bare > size:
        msg = f"a message of {bare} bytes, where {size} are the rule"
        raise ValueError(msg)
    return json.dumps({**message, "pad": " " * (size - bare)}, separators=(",", ":"))
