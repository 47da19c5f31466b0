"""Results that are visible from outside: in the inbox, the queue and the audit log."""

import base64
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from azure.storage.queue import QueueClient

from local.strict_store.wire import Request
from shared.domain.trail import Tag
from shared.ports.audit_log import By
from shared.wiring import Service
from tests.integration.inside import Known, inside
from tests.integration.journey import CODE, Api
from tests.stack import Stack


def wait_for(happened: Callable[[], Any], within: float = 20) -> None:
    """Wait until a condition is true."""
    end = time.monotonic() + within
    while not happened():
        assert time.monotonic() < end, f"it did not happen within {within} s"
        time.sleep(0.05)


def codes_to(stack: Stack, address: str) -> list[str]:
    return [found[1] for m in stack.messages(to=address) if (found := CODE.search(m["text"]))]


def can_sign_in(api: Api, known: Known, password: str) -> bool:
    """Whether the password is right. It is answered with 503 while the mark of a completion is on the row."""
    answer = api.post("/session", {"identifier": known.identifier, "password": password})
    return answer.status_code in {200, 503}


def causes(stack: Stack, tag: Tag, account: str) -> list[str]:
    """Return the causes of events of one kind: of an account, or of everybody today where there is none."""

    async def work(service: Service) -> list[str]:
        now = datetime.now(UTC)
        span = now - timedelta(days=1), now + timedelta(minutes=1)
        found = service.adapters.audit_log.find(By.TIME, "", *span, most=10_000)
        events = [one.event async for one in found]
        return [event.cause for event in events[::-1] if (event.tag, event.account) == (tag, account)]

    return inside(stack, work)


def outbox(stack: Stack, suffix: str = "") -> QueueClient:
    return QueueClient.from_connection_string(stack.storage_connection, f"outbox{suffix}")


def put_into_outbox(stack: Stack, *messages: str) -> None:
    with outbox(stack) as queue:
        for message in messages:
            queue.send_message(base64.b64encode(message.encode()).decode())


def queued_text(request: Request) -> str | None:
    """Return what a request puts into the outbox."""
    if not (request.method == "POST" and request.is_to("outbox") and request.path.endswith("/messages")):
        return None
    return base64.b64decode(ET.fromstring(request.body).findtext("MessageText") or "").decode()
