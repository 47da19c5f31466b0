"""Channel: one call is one attempt, and anything but a certain acceptance is NotSent."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from azure.core.credentials import AzureKeyCredential
from azure.core.pipeline.transport import AioHttpTransport

from shared.adapters import azure_transport
from shared.adapters.acs.email_channel import AcsEmailChannel
from shared.adapters.acs.sms_channel import AcsSmsChannel
from shared.adapters.azure_transport import SharedTransport
from shared.ports.channel import NotSent, OutgoingMessage
from shared.validation.senders import senders
from tests.fakes.channel import MemoryChannel
from tests.stack import Stack, StartStack

FAULTS = {
    "throttled": NotSent("http_429", permanent=False, definite=True),
    "invalid": NotSent("http_400", permanent=True),
    "sender": NotSent("http_400", permanent=False, definite=True),
    "drop": NotSent("no_answer", permanent=False),
    "accept_then_drop": NotSent("no_answer", permanent=False),
    "slow": NotSent("no_answer", permanent=False),
}
SENDER: dict[str, Any] = {"email": "DoNotReply@sesame.example", "sms": senders("+18005550199, Sesame")[0]}
TO = {"email": "ada@mail.example", "sms": "+33639980001"}


@dataclass
class Side:
    """A channel, its provider's inbox and its provider's faults."""

    channel: Any
    name: str
    stack: Stack | None = None
    verbs: list[str] | None = None

    def message(self, **changes: Any) -> OutgoingMessage:
        message = OutgoingMessage(
            channel=self.name, to=TO[self.name], subject="Subject", text="1234 5678 é", html="<p>1234 5678 é</p>",
            account="a" * 52, idempotency="v:1:email:1",
        )  # fmt: skip
        return replace(message, **changes)

    def fail(self, fault: str) -> None:
        if self.stack is None:
            self.channel.faults.append(FAULTS[fault])
        else:
            self.stack.fault(self.name, fault)

    def taken(self) -> list[tuple[str, str]]:
        """Return the address and text of every accepted message."""
        if self.stack is None:
            return [(message.to, message.text) for message in self.channel.messages]
        return [(message["to"], message["text"]) for message in self.stack.messages()]


@pytest.fixture(scope="module")
def stand_in(start_stack: StartStack) -> Iterator[Stack]:
    stack = start_stack(instances=0, seed=False)
    yield stack
    stack.kill("inbox")  # it would wait for slow responses that no test needs


@pytest.fixture(params=["email", "sms"])
async def side(kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Side]:
    name = str(request.param)
    if kind == "memory":
        yield Side(MemoryChannel(), name)
        return
    verbs: list[str] = []
    send = AioHttpTransport.send

    async def counted(transport: AioHttpTransport, request: Any, **options: Any) -> Any:
        verbs.append(request.method)
        return await send(transport, request, **options)

    monkeypatch.setattr(AioHttpTransport, "send", counted)
    monkeypatch.setattr(azure_transport, "READ_SECONDS", 0.5)
    stack: Stack = request.getfixturevalue("stand_in")
    httpx.post(f"{stack.inbox}/clear").raise_for_status()
    key, transport = stack.environment["SESAME_ACS_ACCESS_KEY"], SharedTransport()
    channel: Any = {"email": AcsEmailChannel, "sms": AcsSmsChannel}[name](
        stack.inbox, lambda: AzureKeyCredential(key), SENDER[name], transport
    )
    yield Side(channel, name, stack, verbs)
    await transport.shut()


async def test_a_message_is_sent_unchanged_to_its_one_address(side: Side) -> None:
    """The text arrives byte for byte."""
    await side.channel.send(side.message())
    assert side.taken() == [(TO[side.name], "1234 5678 é")]


@pytest.mark.integration
@pytest.mark.parametrize("side", ["email"], indirect=True)
@pytest.mark.parametrize("kind", ["azure"], indirect=True)
async def test_an_email_says_that_a_program_wrote_it_and_has_a_conversation_of_its_own(side: Side) -> None:
    """No out-of-office note answers it (RFC 3834), and two codes are not grouped."""
    for number in range(2):
        await side.channel.send(side.message(idempotency=str(number)))
    assert side.stack is not None
    one, two = (message["headers"] for message in side.stack.messages())
    assert (one["Auto-Submitted"], one["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert one["X-Entity-Ref-ID"] != two["X-Entity-Ref-ID"]


@pytest.mark.parametrize("fault", list(FAULTS))
async def test_a_send_that_is_not_certainly_accepted_raises_not_sent(side: Side, fault: str) -> None:
    """Only a refusal of this address is permanent. Anything else may have been accepted, or can be tried again."""
    side.fail(fault)
    with pytest.raises(NotSent) as failure:
        await side.channel.send(side.message())
    assert failure.value.permanent is FAULTS[fault].permanent
    assert failure.value.definite is FAULTS[fault].definite
    assert failure.value.__cause__ is None, "the SDK's exception holds the address and the text"
    if side.stack is not None:
        assert side.verbs == ["POST"], "one call is one request: no retry, no polling"
        cause = failure.value.cause
        assert failure.value.status == (0 if cause == "no_answer" else int(cause[-3:])), "the log names it"
        assert re.fullmatch("[A-Za-z]*", failure.value.code)


async def test_a_channel_works_again_after_a_failed_send(side: Side) -> None:
    """One failure does not affect the next call."""
    side.fail("drop")
    with pytest.raises(NotSent):
        await side.channel.send(side.message())
    await side.channel.send(side.message(idempotency="another"))
    assert len(side.taken()) == 1


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"], indirect=True)
class TestTheProvider:
    """Tests that apply only to the real adapters."""

    async def test_sending_a_message_is_one_request(self, side: Side) -> None:
        """There is no GET afterwards: by default the SDK would poll the status of an email in the background."""
        await side.channel.send(side.message())
        assert side.verbs == ["POST"]

    @pytest.mark.parametrize("side", ["sms"], indirect=True)
    async def test_a_number_that_no_sender_reaches_is_refused_before_a_request(self, side: Side) -> None:
        """It was registered while another sender was declared. Its owner is told by other ways."""
        with pytest.raises(NotSent, match="no_sender") as failure:
            await side.channel.send(side.message(to="+819012345678"))
        assert (failure.value.permanent, side.verbs) == (True, [])

    @pytest.mark.parametrize("side", ["sms"], indirect=True)
    @pytest.mark.parametrize(
        ("fault", "told"), [("opted_out", ("opted_out", True)), ("unverified", ("sms_400", False))]
    )
    async def test_a_refusal_of_a_text_is_read_by_its_documented_text(
        self, side: Side, fault: str, told: tuple[str, bool]
    ) -> None:
        """Of the person, who answered STOP; or of the own sender, which says nothing about the number."""
        side.fail(fault)
        with pytest.raises(NotSent) as failure:
            await side.channel.send(side.message())
        assert (failure.value.cause, failure.value.permanent) == told

    @pytest.mark.parametrize("side", ["email"], indirect=True)
    async def test_a_resent_email_keeps_its_operation_id(self, side: Side) -> None:
        """The provider then recognises a notice that is repeated after a lost response.

        Another email has another id.
        """
        assert side.stack is not None
        for idempotency in ("one", "one", "two"):
            await side.channel.send(side.message(idempotency=idempotency))
        ids = {message["id"] for message in side.stack.messages()}
        assert len(ids) == 2
