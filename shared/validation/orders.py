"""Orders as the outbox carries them: JSON of one size, whatever is inside (R-94)."""

import json
from typing import Final

import msgspec

from shared.domain.claims import CodeOrder
from shared.domain.message import Kind, NoticeOrder, ReminderOrder
from shared.domain.trail import Order
from shared.validation.padding import padded

ORDER_BYTES: Final = 704
"""Room for the longest values; an order that does not fit is a fault of ours and raises."""

_KINDS: Final[dict[str, type[CodeOrder] | type[NoticeOrder] | type[ReminderOrder]]] = {
    Kind.CODE: CodeOrder,
    Kind.NOTICE: NoticeOrder,
    Kind.REMINDER: ReminderOrder,
}


def encode_order(order: Order) -> str:
    """The order as one queue message."""
    kind = next(name for name, of in _KINDS.items() if isinstance(order, of))
    return padded({"kind": kind, "order": msgspec.to_builtins(order)}, ORDER_BYTES)


def decode_order(text: str) -> Order:
    """Raises ValueError for anything but a message of ours."""
    message = json.loads(text)
    kind = _KINDS.get(str(message.get("kind"))) if isinstance(message, dict) else None
    if kind is None:
        msg = "not an order"
        raise ValueError(msg)
    return msgspec.convert(message["order"], kind)
