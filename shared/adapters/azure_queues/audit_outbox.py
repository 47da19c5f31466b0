"""AuditOutbox: sends events to the audit queue, and keeps what it cannot send for a while (rule 31)."""

import asyncio
import contextlib
import hashlib
import logging
import uuid
from collections import deque
from collections.abc import Sequence
from typing import Final

from shared.adapters.azure_queues._queue import Queue
from shared.domain.trail import AuditEvent, Tag
from shared.ports.store import StoreLost
from shared.validation.records import encode_events

LONGEST_SECONDS: Final = 2
"""How long an answer waits for the queue."""

PAUSE_SECONDS: Final = 5
"""How long a queue that did not answer is left alone, so that it does not delay every answer."""

MOST_KEPT: Final = 1000
"""Messages that wait. Each holds the events of one step."""

LEVELS: Final = {
    Tag.METHOD_SUSPENDED: logging.WARNING,
    Tag.CHANGE_STOPPED: logging.WARNING,
    Tag.DELIVERY_LOST: logging.ERROR,
    Tag.MESSAGE_DISCARDED: logging.ERROR,
    Tag.NOTICE_GIVEN_UP: logging.ERROR,
}
"""Alerts count log lines of these events. Their causes are words of our own."""

_LOG: Final = logging.getLogger("sesame.audit")


class QueueAuditOutbox:
    """Not an output binding: the host answers 500 when it cannot write one, whatever the function has done.

    The first events of a process are sent in the background, because they would wait for the import of the SDK. So are
    those that wait for a queue that did not answer.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._waiting: deque[str] = deque()
        self._background: asyncio.Task[None] | None = None

    async def leave(self, events: Sequence[AuditEvent]) -> None:
        for event in events:
            if event.tag in LEVELS:
                _LOG.log(LEVELS[event.tag], "audit %s %s", event.tag, event.cause)
        self._keep(encode_events(events, uuid.uuid4().hex))
        if self._background is None or not (self._is_sending or await self._sent() or self._is_sending):
            self._background = asyncio.create_task(self._send_until_done())

    async def send(self, events: Sequence[AuditEvent], *, record_id: str) -> None:
        for message in encode_events(events, hashlib.sha256(record_id.encode()).hexdigest()[:32]):
            await self._queue.send(message)

    @property
    def _is_sending(self) -> bool:
        return self._background is not None and not self._background.done()

    async def settle(self) -> None:
        """Wait for what is sent in the background, but not for a queue that does not answer."""
        if self._background is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._background, PAUSE_SECONDS)

    async def _send_until_done(self) -> None:
        sent = await self._sent()
        while not sent:
            await asyncio.sleep(PAUSE_SECONDS)
            sent = await self._sent()

    async def _sent(self) -> bool:
        """Send what waits, and return whether all of it was sent."""
        while self._waiting:
            message = self._waiting.popleft()  # each message is sent by one request only
            try:
                async with asyncio.timeout(LONGEST_SECONDS if self._queue.is_loaded else None):
                    await self._queue.send(message)
            except (StoreLost, TimeoutError):
                # It may have been queued all the same. Its id makes the recording idempotent.
                self._waiting.appendleft(message)
                _LOG.warning("the audit queue is out of reach: %d messages wait", len(self._waiting))
                return False
        return True

    def _keep(self, messages: list[str]) -> None:
        self._waiting.extend(messages)
        while len(self._waiting) > MOST_KEPT:
            self._waiting.popleft()
            _LOG.error("an audit message was lost")
