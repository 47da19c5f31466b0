"""Rule 33: whatever lies in a queue or a poison queue is recorded once, without its text, and is then gone."""

import base64
import json
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueClient

from shared.domain.contact import EmailAddress
from shared.domain.notices import MOST_RETURNS
from shared.domain.reachability import DeliveryReport, Outcome
from shared.domain.trail import AuditEvent, CodeOrder, NoticeOrder, Order, ReminderOrder, Tag
from shared.ports.given_up import GivenUpMessage
from shared.ports.store import StoreLost
from shared.usecases.mark_undelivered import MarkUndelivered
from shared.usecases.record_events import RecordEvents
from shared.usecases.sweep import Sweep
from shared.validation.delivery_reports import delivery_reports
from shared.validation.records import decode_events, decode_order, encode_events, encode_order
from tests.builders import EMAIL, World, a_code_id, a_world, an_order, at
from tests.fakes.clock import MONDAY_MORNING
from tests.integration.outcomes import causes, wait_for
from tests.stack import Stack, StartStack

ADDRESS = "somebody.unreadable@mail.example"
QUEUES = ("outbox", "audit", "delivery-reports", "imports")
UNREADABLE = (
    "*** not base64 ***", "", "=", "%00", "e30", "e30 =", "4pyT_w==", '{"kind": "notice"}',
    base64.b64encode(b"\xff\xfe").decode(), base64.b64encode("{}".encode("utf-16")).decode(),
)  # fmt: skip
ORDER = {"account": "a' or PartitionKey ne '", "event": "", "returned": 0}
NOTICE = {"account": "account", "event": "", "returned": 0}
REPORT = {"messageId": "x", "recipient": ADDRESS, "status": "Bounced"}


def order_with(order: dict[str, object] | str, **changes: object) -> str:
    """Return an order of the right shape with other values."""
    given = json.loads(encode_order(an_order()))["order"] if order == "code" else order
    assert isinstance(given, dict)
    return json.dumps({"kind": "code" if order == "code" else "notice", "order": given | changes, "pad": ""})


def code_with(**changes: object) -> str:
    """Return an order of a code with another code."""
    code = json.loads(encode_order(an_order()))["order"]["code"]
    attempt = {name: changes.pop(name) for name in list(changes) if name in code["attempt"]}
    return order_with("code", code=code | changes | {"attempt": code["attempt"] | attempt})


def event_with(**changes: object) -> str:
    """Return audit events of the right shape with other values."""
    [message] = encode_events([AuditEvent(tag=Tag.ERASED, at=MONDAY_MORNING)], "x")
    [event] = json.loads(message)["events"]
    return json.dumps({"id": "x", "events": [event | changes], "pad": ""})


def report_at(when: object) -> str:
    data = REPORT | {"deliveryAttemptTimeStamp": when}
    return json.dumps({"eventType": "Microsoft.Communication.EmailDeliveryReportReceived", "data": data})


TEXTS = (
    ADDRESS,
    *(
        "null",
        "true",
        "7",
        "1e999",
        '"text"',
        "[]",
        "{}",
        "NaN",
        "-Infinity",
        "\ufeff{}",
        " " * 40_000,
        "{" * 300,
        "\0",
    ),
    *('{"id": 7}', '{"dequeueCount": "x"}', '{"insertionTime": "x", "Id": null}', '{"a": ' + "9" * 5_000 + "}"),
    *(order_with(NOTICE, returned=number) for number in (-1, -7, -(10**9), 14, 10**300, True, 1.0, "1", None)),
    *(order_with(NOTICE, event=text) for text in ("\ud800", "a\nb", "\0", "\u202e", [], {})),
    encode_order(NoticeOrder(account="account")).replace('"kind"', '"kind":"code","kind"', 1),
    encode_order(NoticeOrder(account="account")).replace('"account"', '"account":"other","account"', 1),
    *(code_with(send=number) for number in (-1, 0, 10**30, 1.5)),
    *(code_with(gate=number) for number in (-1, 10**30)),
    *(code_with(channel="pigeon"), code_with(purpose="anything"), code_with(method=["email"])),
    *(order_with("code", code_key=number) for number in (0, -1)),
    *(order_with("code", expires_at=when) for when in ("9999-13-01T00:00:00.000000Z", "2026-03-02", 10**18, None)),
    order_with("code", client_key="\ud800"),
    *(event_with(cause=text) for text in ("\0", "\ud800", "a\r\nb", 7, ["a"] * 50)),
    *(event_with(at=when) for when in ("10000-01-01T00:00:00.000000Z", "0000-01-01T00:00:00.000000Z", -1)),
    *(event_with(account=text) for text in ("a/b", "A", "a" * 65)),
    *(report_at(when) for when in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 1e300, -1, None, [])),
    "[" * 20_000,
    json.dumps({"kind": "notice", "order": {"account": 7}}),
    json.dumps({"kind": "notice", "order": ORDER}),
    json.dumps({"kind": "reminder", "order": {"account": "account", "day": "../../x"}}),
    encode_order(NoticeOrder(account="account")) + " " * 40_000,
    json.dumps({"id": "x", "events": [{"tag": "x:y:z", "at": "2026-03-02T09:00:00.000000Z", "account": "\ud800"}]}),
    json.dumps({"id": "x/y", "events": []}),
    json.dumps({"eventType": "Microsoft.Communication.EmailDeliveryReportReceived", "data": {"recipient": ADDRESS}}),
    json.dumps({"eventType": "Microsoft.Communication.SMSDeliveryReportReceived", "data": {"tag": [[[[]]]]}}),
)
THROUGH_THE_HOST = (*UNREADABLE, *(base64.b64encode(text.encode()).decode() for text in TEXTS[::10]))
"""Each kind of text that cannot be decoded, and a tenth of the others, which are all swept below."""


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack(environment={"SESAME_SWEEP_SCHEDULE": "0 0 0 1 1 *"}, lease=2.0)


def queue(stack: Stack, name: str) -> QueueClient:
    return QueueClient.from_connection_string(stack.storage_connection, name)


def count(stack: Stack, name: str) -> int:
    with queue(stack, name) as found:
        return int(found.get_queue_properties().approximate_message_count or 0)


@pytest.mark.integration
def test_garbage_in_any_queue_is_recorded_once_and_gone(stack: Stack) -> None:
    """In each queue and poison queue: not base64, not UTF-8, empty, deep, too long, of the wrong shape, absurd values.

    The host never gives some of it to a function. The timer reads the poison queues through the SDK.
    """
    for name in QUEUES:
        with queue(stack, f"{name}-poison") as poison, suppress(ResourceExistsError):
            poison.create_queue()
        for place in (name, f"{name}-poison"):
            with queue(stack, place) as found:
                for content in THROUGH_THE_HOST:
                    found.send_message(content)
    recorded: list[str] = []

    def swept() -> bool:
        stack.fire("sweep")
        time.sleep(1)
        recorded[:] = causes(stack, Tag.MESSAGE_DISCARDED, "") + causes(stack, Tag.DELIVERY_LOST, "")
        return len(recorded) >= 2 * len(QUEUES) * len(THROUGH_THE_HOST)

    wait_for(swept, within=120)
    wait_for(lambda: not any(count(stack, f"{name}{end}") for name in QUEUES for end in ("", "-poison")))
    assert sorted(recorded) == sorted(QUEUES * 2 * len(THROUGH_THE_HOST))
    assert ADDRESS not in stack.log("api-1")


class Poison:
    """The poison queues in memory."""

    queues = QUEUES

    def __init__(self, *messages: GivenUpMessage) -> None:
        self.messages = list(messages)
        self.deleted: list[str] = []

    async def take(self, queue: str) -> list[GivenUpMessage]:
        taken = [message for message in self.messages if message.queue == queue]
        self.messages = [message for message in self.messages if message.queue != queue]
        return taken

    async def delete(self, message: GivenUpMessage) -> None:
        self.deleted.append(message.id)


async def swept(world: World, queue: str, text: str | None) -> Poison:
    """Sweep one message."""
    world.adapters.given_up = poison = Poison(GivenUpMessage(queue, "1", text, None))
    world.forget_what_was_built()
    await world.service.use(Sweep)(world.trail)
    return poison


LOST: list[tuple[Order, Tag]] = [
    (an_order(), Tag.DELIVERY_LOST),
    (ReminderOrder(account="account", day="20260302"), Tag.DELIVERY_LOST),
    (NoticeOrder(account="account", returned=MOST_RETURNS), Tag.NOTICE_GIVEN_UP),
]


@pytest.mark.parametrize(("order", "tag"), LOST, ids=lambda value: type(value).__name__)
async def test_an_order_that_failed_each_time_is_recorded(order: Order, tag: Tag) -> None:
    """A code is not sent again, a reminder is still due, and a notice was tried for a day."""
    world = a_world()
    poison = await swept(world, "outbox", encode_order(order))
    assert [(event.tag, event.account, event.cause) for event in world.trail.events] == [
        (tag, "account", type(order).__name__)
    ]
    assert poison.deleted == ["1"]


async def test_a_notice_that_failed_each_time_goes_back_until_a_day_has_passed() -> None:
    """Its row could not be read or written. The waits grow."""
    world, order, waited = a_world(), NoticeOrder(account="account", event="event"), timedelta()
    while not world.trail.events:
        assert (await swept(world, "outbox", encode_order(order))).deleted == ["1"]
        if world.adapters.promised.promises:
            when, order = world.adapters.promised.promises.pop()
            waited += when - world.clock.now()
    assert timedelta(days=1) <= waited < timedelta(days=2)
    assert world.trail.events[-1].tag is Tag.NOTICE_GIVEN_UP


async def test_what_cannot_be_taken_over_now_is_taken_again_later() -> None:
    """Without the queue or the audit log nothing is deleted, and a notice waits for the next run."""
    world = a_world()

    async def lost(*_arguments: object, **_named: object) -> None:
        raise StoreLost

    world.adapters.promised.is_lost = True
    world.adapters.audit_log.record = lost  # type: ignore[method-assign]
    await world.adapters.owed.add("20260302", world.key_of("ada"))
    for queue, text in (
        ("outbox", encode_order(NoticeOrder(account="account"))),
        ("audit", *encode_events([an_event()], "x")),
    ):
        assert (await swept(world, queue, text)).deleted == []
    assert world.adapters.owed.entries
    world.adapters.promised.is_lost = False
    await swept(world, "outbox", None)
    assert [order.account for order in world.adapters.promised.taken()] == [world.key_of("ada")]
    assert not world.adapters.owed.entries


def an_event(when: datetime = MONDAY_MORNING) -> AuditEvent:
    return AuditEvent(tag=Tag.ERASED, at=when)


async def test_an_audit_event_from_a_poison_queue_is_recorded_once() -> None:
    """It was queued when the audit table could not be written."""
    world = a_world()
    for _ in range(2):
        assert (await swept(world, "audit", *encode_events([an_event()], "x"))).deleted == ["1"]
    assert len(world.adapters.audit_log.events) == 1


# -- times from outside (rule 32) --

FAR = [at(days=3650), at(days=-3650)]


@pytest.mark.parametrize("when", FAR, ids=["future", "past"])
async def test_an_audit_event_cannot_choose_its_table(when: datetime) -> None:
    """Its time decides in which month it is kept. It is within the life of a message and the clock margin of now."""
    world = a_world()
    await world.service.use(RecordEvents)([an_event(when)], record_id="x")
    [event] = world.adapters.audit_log.events
    assert at(days=-8) <= event.at <= at(minutes=2)


async def test_a_delivery_report_from_the_future_does_not_mark_a_method_for_ever() -> None:
    """Its time is held to now plus the margin, so that a later delivery still counts."""
    world = a_world()
    account = await world.ada()
    report = DeliveryReport(account=account, contact=EmailAddress(EMAIL), outcome=Outcome.BOUNCED, at=at(days=3650))
    await world.service.use(MarkUndelivered)(report, world.trail)
    assert world.row().methods[0].suspect_at == world.clock.now() + timedelta(minutes=2)
    world.clock.move(minutes=3)
    delivered = replace(report, outcome=Outcome.DELIVERED, at=world.clock.now())
    await world.service.use(MarkUndelivered)(delivered, world.trail)
    assert world.row().methods[0].suspect_at is None


async def test_an_order_from_the_future_keeps_no_place_for_ever() -> None:
    """Its claim leaves the row when the longest verification has ended."""
    world = a_world()
    account = await world.ada()
    order: CodeOrder = an_order(account=account, code=a_code_id(), expires_at=FAR[0], leaves_at=FAR[0])
    await world.deliver(order)
    [claim] = world.row().sent_codes
    assert claim.leaves_at <= world.clock.now() + timedelta(seconds=world.policy.verification_seconds, minutes=4)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
async def test_no_message_of_ours_is_garbage_and_no_garbage_is_ours(text: str) -> None:
    """The readers refuse with a ValueError, whatever it is, and in a poison queue it stops no other message."""
    world = a_world()
    for read in (decode_order, decode_events, delivery_reports):
        with pytest.raises(ValueError, match=r"."):
            read(text)
    for name in QUEUES:
        assert (await swept(world, name, text)).deleted == ["1"]
    assert len(world.trail.events) == len(QUEUES)
    assert world.adapters.promised.promises == []
    assert decode_order(encode_order(an_order())) == an_order()
