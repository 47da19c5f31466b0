"""Trail: what one request leaves behind for the queues, gathered while it runs and written by its output bindings."""

from dataclasses import dataclass, field

from shared.domain.audit import AuditEvent
from shared.domain.claims import CodeOrder
from shared.domain.message import NoticeOrder, NudgeOrder

Order = CodeOrder | NoticeOrder | NudgeOrder


@dataclass(slots=True)
class Trail:
    """Gathered in order; a request that ends in a refusal still leaves its trail."""

    orders: list[Order] = field(default_factory=list)
    events: list[AuditEvent] = field(default_factory=list)
