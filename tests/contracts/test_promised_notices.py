"""PromisedNotices: a queued message that ensures a notice is sent even if this process stops."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from azure.storage.queue.aio import QueueClient

from shared.adapters.azure_queues.promised_notices import QueuePromisedNotices
from shared.adapters.azure_transport import SharedTransport
from shared.domain.account import AccountKey
from shared.domain.trail import NoticeOrder
from shared.ports.promised_notices import SOON
from shared.ports.store import StoreLost
from shared.usecases.deliver_notice import STILL_UNDER_WAY
from shared.validation.records import decode_order
from tests.fakes.clock import FixedClock
from tests.fakes.promised_notices import MemoryPromisedNotices

KEY = AccountKey("account")


@pytest.fixture
async def transport() -> AsyncIterator[SharedTransport]:
    made = SharedTransport()
    yield made
    await made.shut()


async def test_a_promised_notice_in_memory_appears_once_after_its_delay(clock: FixedClock) -> None:
    """Not before."""
    promised = MemoryPromisedNotices(clock)
    await promised.promise(KEY)
    assert promised.appeared() == []
    clock.at += SOON
    assert promised.appeared() == [KEY]
    assert promised.appeared() == []


@pytest.mark.integration
async def test_a_promised_notice_in_the_queue_appears_after_its_delay(storage: str, transport: SharedTransport) -> None:
    """It is invisible at first, then an order that `deliver` can read, in the encoding of the Functions host."""
    promised = QueuePromisedNotices(storage, "", "outbox", _no_identity, transport)
    async with QueueClient.from_connection_string(storage, "outbox") as queue:
        await queue.create_queue()
        await promised.promise(KEY, delay=timedelta(seconds=1))
        assert await _texts(queue) == []
        texts: list[str] = []
        for _ in range(60):
            if texts := await _texts(queue):
                break
            await asyncio.sleep(0.05)
    assert [decode_order(text) for text in texts] == [NoticeOrder(account=KEY)]


@pytest.mark.integration
async def test_a_notice_that_cannot_be_promised_raises(storage: str, transport: SharedTransport) -> None:
    """The change that the notice is about is then not made."""
    promised = QueuePromisedNotices(storage, "", "no-such-queue", _no_identity, transport)
    with pytest.raises(StoreLost):
        await promised.promise(KEY)


def test_the_delay_of_a_promised_notice_outlasts_a_completion_and_stays_under_a_minute() -> None:
    """It appears when a provisional notice may be sent; every notice arrives in 60 s (NIST SP 800-63B-4 4.6)."""
    assert STILL_UNDER_WAY < SOON < timedelta(seconds=40)


def _no_identity() -> Any:
    raise AssertionError("a connection string needs no identity")


async def _texts(queue: Any) -> list[str]:
    return [base64.b64decode(message.content).decode() async for message in queue.receive_messages()]
