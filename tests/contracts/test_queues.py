"""The queues that the service reaches by itself: promised notices, audit events, and what the host gave up."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from azure.storage.queue.aio import QueueClient

from shared.adapters.azure_queues import audit_outbox
from shared.adapters.azure_queues._queue import Queue
from shared.adapters.azure_queues.audit_outbox import QueueAuditOutbox
from shared.adapters.azure_queues.given_up import QueueGivenUp
from shared.adapters.azure_queues.promised_notices import QueuePromisedNotices
from shared.adapters.azure_transport import SharedTransport
from shared.domain.notices import STILL_UNDER_WAY
from shared.domain.trail import AuditEvent, NoticeOrder, Tag, WakeOrder
from shared.ports.promised_notices import SOON
from shared.ports.store import StoreLost
from shared.validation.records import decode_events, decode_order, encode_order
from tests.fakes.clock import MONDAY_MORNING, FixedClock
from tests.fakes.due_index import MemoryDueIndex
from tests.fakes.promised_notices import MemoryPromisedNotices

ORDER = NoticeOrder(account="account", event="event")
NOWHERE = "DefaultEndpointsProtocol=http;AccountName=x;AccountKey=eA==;QueueEndpoint=http://127.0.0.1:9/x"
integration = pytest.mark.integration


@pytest.fixture
async def transport() -> AsyncIterator[SharedTransport]:
    made = SharedTransport()
    yield made
    await made.shut()


def a_queue(connection: str, transport: SharedTransport, name: str = "outbox") -> Queue:
    return Queue(name, connection, "", _no_identity, transport)


def promising(queue: Queue) -> QueuePromisedNotices:
    return QueuePromisedNotices(queue, MemoryDueIndex(), FixedClock())


async def test_a_promised_notice_in_memory_appears_once_after_its_delay(clock: FixedClock) -> None:
    """Not before."""
    promised = MemoryPromisedNotices(clock)
    await promised.promise(ORDER)
    assert promised.appeared() == []
    clock.at += SOON
    assert promised.appeared() == [ORDER]
    assert promised.appeared() == []


@integration
async def test_a_promised_notice_in_the_queue_appears_after_its_delay(storage: str, transport: SharedTransport) -> None:
    """It is invisible at first, then an order that `deliver` can read, in the encoding of the Functions host.

    A missing queue is created, as the host does for an output binding.
    """
    await promising(a_queue(storage, transport)).promise(ORDER, delay=timedelta(seconds=1))
    assert await _texts(storage) == []
    texts: list[str] = []
    for _ in range(60):
        if texts := await _texts(storage):
            break
        await asyncio.sleep(0.05)
    assert [decode_order(text) for text in texts] == [ORDER]


async def test_a_notice_that_cannot_be_promised_raises_or_is_entered(transport: SharedTransport) -> None:
    """The change that the notice is about is then not made, or the sweep finds the account."""
    promised = promising(a_queue(NOWHERE, transport))
    with pytest.raises(StoreLost):
        await promised.promise(ORDER)
    await promised.promise_or_enter(ORDER)
    assert promised.owed.entries == {("20260302", "account")}


@integration
async def test_deliver_is_woken_once_in_a_while_by_an_order_like_any_other(
    storage: str, transport: SharedTransport
) -> None:
    """Of the size of every order, so that the queue tells nothing; and a queue that is out of reach costs nobody."""
    promised = promising(a_queue(storage, transport))
    for seconds in (0, 9, 1):
        promised.clock.at += timedelta(seconds=seconds)  # type: ignore[attr-defined]
        promised.wake()
        promised.wake()
        await promised.settle()
    texts = await _texts(storage)
    assert [decode_order(text) for text in texts] == [WakeOrder(), WakeOrder()]
    assert {len(text) for text in texts} == {len(encode_order(ORDER))}
    lost = promising(a_queue(NOWHERE, transport))
    lost.wake()
    await lost.settle()


def test_a_notice_is_promised_and_put_back_once_within_a_minute() -> None:
    """Every notice arrives in 60 s, also one whose completion stopped half way (NIST SP 800-63B-4 4.6)."""
    assert timedelta(seconds=40) > SOON + STILL_UNDER_WAY


# -- audit events --


def an_event(tag: Tag = Tag.ERASED) -> AuditEvent:
    return AuditEvent(tag=tag, at=MONDAY_MORNING, cause="cause")


@integration
async def test_audit_events_are_queued(storage: str, transport: SharedTransport) -> None:
    """Those of one step in one message. Those that an alert counts are logged as well."""
    outbox = QueueAuditOutbox(a_queue(storage, transport, "audit"))
    await outbox.leave([an_event(), an_event()])
    await outbox.leave([an_event()])
    await outbox.settle()
    messages = [decode_events(text)[0] for text in await _texts(storage, "audit")]
    assert sorted(len(events) for events in messages) == [1, 2]


@integration
async def test_audit_events_without_a_queue_wait_and_are_queued_later(
    storage: str, transport: SharedTransport, caplog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They never raise (rule 31), and delay no answer twice. Of too many the oldest is lost."""
    monkeypatch.setattr(audit_outbox, "PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(audit_outbox, "MOST_KEPT", 2)
    queue = a_queue(NOWHERE, transport, "audit")
    outbox = QueueAuditOutbox(queue)
    for _ in range(3):
        await outbox.leave([an_event(Tag.NOTICE_GIVEN_UP)])
    assert caplog.messages.count("an audit message was lost") == 1
    queue._connection, queue._client = storage, None
    for _ in range(100):
        if outbox._background is not None and outbox._background.done():
            break
        await asyncio.sleep(0.05)
    assert len(await _texts(storage, "audit")) == 2
    assert ("sesame.audit", logging.ERROR, "audit deliver:notice:given_up cause") in caplog.record_tuples


async def test_a_queue_that_does_not_answer_delays_no_answer_twice(
    transport: SharedTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After one failure only the background tries."""
    queue = a_queue(NOWHERE, transport, "audit")
    outbox, sends = QueueAuditOutbox(queue), []

    async def never(_text: str) -> None:
        sends.append(1)
        raise StoreLost

    monkeypatch.setattr(queue, "send", never)
    monkeypatch.setattr(audit_outbox, "PAUSE_SECONDS", 60)
    for _ in range(5):
        await outbox.leave([an_event()])
        await asyncio.sleep(0)
    assert len(sends) == 1
    assert outbox._background is not None
    outbox._background.cancel()


# -- what the host gave up --


@integration
async def test_a_poison_queue_is_read_as_it_is_and_emptied(storage: str, transport: SharedTransport) -> None:
    """Also what no function ever gets: text that is not base64, and bytes that are not UTF-8 (rule 33)."""
    raw = ["*** not base64 ***", _base64(b"\xff\xfe"), _base64("\u00e9".encode()), ""]
    async with QueueClient.from_connection_string(storage, "outbox-poison") as poison:
        await poison.create_queue()
        for content in raw:
            await poison.send_message(content)
        given_up = QueueGivenUp(("outbox", "audit"), lambda name: a_queue(storage, transport, name))
        assert await given_up.take("audit") == []
        taken = await given_up.take("outbox")
        assert [message.text for message in taken] == [None, None, "\u00e9", ""]
        assert await given_up.take("outbox") == [], "they are hidden meanwhile"
        for message in (*taken, taken[0]):
            await given_up.delete(message)
        assert (await poison.get_queue_properties()).approximate_message_count == 0


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _no_identity() -> Any:
    raise AssertionError("a connection string needs no identity")


async def _texts(storage: str, name: str = "outbox") -> list[str]:
    async with QueueClient.from_connection_string(storage, name) as queue:
        return [base64.b64decode(message.content).decode() async for message in queue.receive_messages()]
