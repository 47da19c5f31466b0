"""The stand-in for Azure Communication Services, called by the real SDKs."""

import time
import uuid
from typing import Any

import httpx
import pytest
from azure.communication.email.aio import EmailClient
from azure.communication.sms.aio import SmsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration
FROM, TO = "+14255550100", "+14255550123"
WRONG_KEY = "d3Jvbmcga2V5IHdyb25nIGtleQ=="
ONCE: dict[str, Any] = {"retry_total": 0, "read_timeout": 2}


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack(instances=0)


@pytest.fixture(autouse=True)
def _empty(stack: Stack) -> None:
    httpx.post(f"{stack.inbox}/clear").raise_for_status()


def sms(stack: Stack, key: str | None = None) -> SmsClient:
    return SmsClient(stack.inbox, AzureKeyCredential(key or stack.environment["SESAME_ACS_ACCESS_KEY"]), **ONCE)


def email(stack: Stack, key: str | None = None) -> EmailClient:
    return EmailClient(stack.inbox, AzureKeyCredential(key or stack.environment["SESAME_ACS_ACCESS_KEY"]), **ONCE)


def letter(to: str = "ada@example.com") -> dict[str, Any]:
    return {
        "senderAddress": "DoNotReply@sesame.example",
        "recipients": {"to": [{"address": to}]},
        "content": {"subject": "Your code", "plainText": "1234 5678", "html": "<p>1234 5678</p>"},
    }


async def test_the_standin_accepts_an_sms_and_shows_it_in_the_inbox(stack: Stack) -> None:
    """The SDK's message arrives unchanged, with a result for its recipient."""
    async with sms(stack) as client:
        (result,) = await client.send(FROM, TO, "Your code is 1234 5678.")

    (shown,) = stack.messages(to=TO)
    assert (result.successful, result.http_status_code, result.message_id) == (True, 202, shown["id"])
    assert {name: shown[name] for name in ("channel", "to", "subject", "text", "html")} == {
        "channel": "sms", "to": TO, "subject": "", "text": "Your code is 1234 5678.", "html": "",
    }  # fmt: skip


async def test_the_standin_accepts_an_email_once_per_operation_id(stack: Stack) -> None:
    """The same Operation-Id twice is one message, and its status can be queried."""
    operation = str(uuid.uuid4())
    async with email(stack) as client:
        for _ in range(2):
            await client.begin_send(letter(), operation_id=operation, polling=False)
        poller = await client.begin_send(letter("bob@example.com"))
        assert (await poller.result())["status"] == "Succeeded"

    (shown,) = stack.messages(to="ADA@example.com")
    assert (shown["id"], shown["subject"], shown["html"]) == (operation, "Your code", "<p>1234 5678</p>")


async def test_the_standin_refuses_a_wrong_signature(stack: Stack) -> None:
    """401 in the service's error format; nothing is accepted."""
    async with sms(stack, WRONG_KEY) as client:
        with pytest.raises(ClientAuthenticationError) as refused:
            await client.send(FROM, TO, "x")
    async with email(stack, WRONG_KEY) as client:
        with pytest.raises(ClientAuthenticationError):
            await client.begin_send(letter(), polling=False)

    assert refused.value.status_code == 401
    assert httpx.post(f"{stack.inbox}/sms", json={}).json()["error"]["code"] == "Denied"
    assert stack.messages() == []


async def test_a_throttled_send_is_429_with_retry_after(stack: Stack) -> None:
    """Only for the named recipient, and as often as requested."""
    stack.fault("sms", "throttled", to=TO)
    async with sms(stack) as client:
        await client.send(FROM, "+14255550199", "x")
        with pytest.raises(HttpResponseError) as refused:
            await client.send(FROM, TO, "x")
        await client.send(FROM, TO, "x")

    assert refused.value.status_code == 429
    assert refused.value.response is not None
    assert refused.value.response.headers["retry-after"] == "2"
    assert len(stack.messages(to=TO)) == 1


async def test_an_sms_to_an_invalid_number_fails_inside_a_202_response(stack: Stack) -> None:
    """The call succeeds and the item fails. A client that reads only the status would be wrong."""
    stack.fault("sms", "invalid")
    async with sms(stack) as client:
        (result,) = await client.send(FROM, TO, "x")

    assert (result.successful, result.http_status_code) == (False, 400)
    assert stack.messages() == []


async def test_an_email_to_an_invalid_address_is_400(stack: Stack) -> None:
    """The whole email is refused, in the service's error format."""
    stack.fault("email", "invalid")
    async with email(stack) as client:
        with pytest.raises(HttpResponseError) as refused:
            await client.begin_send(letter(), polling=False)

    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert refused.value.error.code == "InvalidEmailAddress"


@pytest.mark.parametrize(("fault", "accepted"), [("drop", 0), ("accept_then_drop", 1), ("slow", 1)])
async def test_a_lost_response_looks_the_same_whether_the_send_was_accepted_or_not(
    stack: Stack, fault: str, accepted: int
) -> None:
    """The client gets a connection error or a timeout. Only the inbox shows what happened."""
    stack.fault("email", fault)
    async with email(stack) as client:
        with pytest.raises(AzureError):
            await client.begin_send(letter(), polling=False)

    assert len(stack.messages()) == accepted


async def test_a_killed_standin_loses_no_accepted_message(stack: Stack) -> None:
    """A message is on disk before it is acknowledged, and a repeated operation is recognised after the restart."""
    operation = str(uuid.uuid4())
    async with email(stack) as client:
        await client.begin_send(letter(), operation_id=operation, polling=False)
        stack.kill("inbox")
        stack.restart("inbox")
        await client.begin_send(letter(), operation_id=operation, polling=False)

    assert [message["id"] for message in stack.messages()] == [operation]


async def test_the_inbox_returns_messages_since_a_time(stack: Stack) -> None:
    """With `since`, a test can read only its own messages."""
    async with sms(stack) as client:
        await client.send(FROM, TO, "old")
        last = stack.messages()[-1]["at"]
        time.sleep(0.001)
        await client.send(FROM, TO, "new")

    assert [message["text"] for message in stack.messages(since=last)] == ["new"]
    assert httpx.get(f"{stack.inbox}/messages", params={"since": "yesterday"}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [{}, {"channel": "fax", "fault": "drop"}, {"channel": "sms", "fault": "melted"}, []],
    ids=["empty", "unknown channel", "unknown fault", "no object"],
)
def test_the_standin_refuses_an_invalid_fault(stack: Stack, body: object) -> None:
    """The answer is 400. Otherwise a test would wait for a fault that never occurs."""
    assert httpx.post(f"{stack.inbox}/faults", json=body).status_code == 400
