"""Trail: what one request leaves behind for the queues, gathered while it runs and written by its output bindings."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Union

from shared.domain.audit import AuditEvent

if TYPE_CHECKING:  # cold start: a request that orders nothing need not know what orders are made of
    from shared.domain.claims import CodeOrder
    from shared.domain.message import NoticeOrder, ReminderOrder

Order = Union["CodeOrder", "NoticeOrder", "ReminderOrder"]


@dataclass(slots=True)
class Trail:
    """Gathered in order; a request that ends in a refusal still leaves its trail."""

    orders: list[Order] = field(default_factory=list)
    events: list[AuditEvent] = field(default_factory=list)
