"""Take over what the queues gave up: notices go back, audit events are recorded, the rest is recorded as lost.

Imports that are not done are ordered again: their message may be lost.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared.domain.errors import TryAgain
from shared.domain.notices import MOST_RETURNS, wait_after
from shared.domain.trail import (
    AuditEvent,
    CodeOrder,
    NoticeOrder,
    Order,
    ReminderOrder,
    Tag,
    Trail,
    WakeOrder,
)
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.given_up import GivenUp, GivenUpMessage
from shared.ports.import_orders import ImportOrders
from shared.ports.promised_notices import PromisedNotices
from shared.usecases._recording import Recording
from shared.validation.import_orders import decode_import
from shared.validation.records import decode_events, decode_order

LONGEST: Final = timedelta(minutes=2)
"""Time for one run. The next one goes on where this one stopped."""

_LOG: Final = logging.getLogger("sesame.sweep")


@dataclass(frozen=True, slots=True)
class Sweep:
    """Empties the poison queues and the index of owed notices. It reads nothing else.

    A message is deleted after it was taken over. One that cannot be taken over now is taken again by a later run.
    """

    given_up: GivenUp
    owed: DueIndex
    promised: PromisedNotices
    unfinished: DueIndex
    import_orders: ImportOrders
    recording: Recording
    clock: Clock

    async def __call__(self, trail: Trail) -> None:
        """Take over what there is, within a time limit. Failures are logged."""
        until, failures = self.clock.now() + LONGEST, 0
        for queue in self.given_up.queues:
            try:
                while self.clock.now() < until and (messages := await self.given_up.take(queue)):
                    for message in messages:
                        failures += not await self._taken_over(message, trail)
            except TryAgain:
                failures += 1
        try:
            async for day, account in self.owed.due(self.clock.now().date()):
                await self.promised.promise(NoticeOrder(account=account))
                await self.owed.remove(day, account)
                if self.clock.now() >= until:
                    break
        except TryAgain:
            failures += 1
        failures += not await self._imports_ordered()
        if failures:
            _LOG.error("%d messages or notices could not be swept", failures)

    async def _imports_ordered(self) -> bool:
        """Order the imports that are not done. One that is worked on now takes no notice of it."""
        try:
            async for _, import_id in self.unfinished.due(self.clock.now().date()):
                await self.import_orders.send(import_id)
        except TryAgain:
            return False
        return True

    async def _taken_over(self, message: GivenUpMessage, trail: Trail) -> bool:
        now = self.clock.now()
        try:
            read = _read(message)
            if isinstance(read, NoticeOrder) and read.returned < MOST_RETURNS:
                again = read.returned + 1
                await self.promised.promise(replace(read, returned=again), delay=wait_after(again))
            elif isinstance(read, tuple):
                events, record_id = read
                await self.recording.record(events, record_id=record_id)
            elif not isinstance(read, WakeOrder):
                trail.events.append(_lost(message, read, now))
        except TryAgain:
            return False
        except Exception:  # noqa: BLE001  whatever it is: it would be the same in each run, and stop it for the others
            trail.record(Tag.MESSAGE_DISCARDED, now, cause=message.queue)
        try:
            await self.given_up.delete(message)
        except TryAgain:
            return False
        return True


def _read(message: GivenUpMessage) -> Order | tuple[tuple[AuditEvent, ...], str] | None:
    """Return the content of the message, None for a delivery report. Raises ValueError for what is not ours."""
    if message.text is None:
        raise ValueError("not text")
    match message.queue:
        case "outbox":
            return decode_order(message.text)
        case "audit":
            return decode_events(message.text)
        case "imports":
            decode_import(message.text)
            return None  # the index has it
        case _:  # a delivery report
            return None


def _lost(message: GivenUpMessage, order: CodeOrder | NoticeOrder | ReminderOrder | None, now: datetime) -> AuditEvent:
    """Return the record of a message whose function failed each time. A report's text has an address."""
    if order is None:
        return AuditEvent(tag=Tag.DELIVERY_LOST, at=now, cause=message.queue)
    tag = Tag.NOTICE_GIVEN_UP if isinstance(order, NoticeOrder) else Tag.DELIVERY_LOST
    return AuditEvent(tag=tag, at=now, account=order.account, cause=type(order).__name__)
