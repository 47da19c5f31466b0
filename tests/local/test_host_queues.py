"""Queues in the local host: outputs, leases, retries, the poison queue."""

import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.storage.queue import QueueClient

from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration
PLAIN = Path(__file__).parent / "apps" / "plain"
LEASE = 2.0


@pytest.fixture(scope="module")
def stack(start_stack: StartStack, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    notes = tmp_path_factory.mktemp("notes") / "notes.jsonl"
    environment = {"SESAME_NOTES": str(notes)}
    return start_stack(app=PLAIN, environment=environment, lease=LEASE)


def notes(stack: Stack) -> list[dict[str, Any]]:
    path = Path(stack.environment["SESAME_NOTES"])
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def until(holds: Callable[[], bool], within: float = 10.0) -> None:
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.05)


def send(stack: Stack, *bodies: object, **query: str) -> int:
    return httpx.post(f"{stack.api}/api/send", json=bodies, params=query).status_code


def bodies(stack: Stack) -> list[str]:
    return [note["body"] for note in notes(stack) if note["kind"] == "work"]


def queue(stack: Stack, name: str) -> QueueClient:
    return QueueClient.from_connection_string(stack.storage_connection, name)


def test_a_list_output_sends_one_message_per_item_and_creates_the_queue(stack: Stack) -> None:
    """The messages are sent before the reply."""
    assert send(stack, "first", "second") == 202

    until(lambda: {"first", "second"} <= set(bodies(stack)))
    with queue(stack, "work") as work:
        until(lambda: work.get_queue_properties().approximate_message_count == 0)


def test_a_failed_function_sends_no_queue_output(stack: Stack) -> None:
    """An exception after `out.set` sends nothing."""
    assert send(stack, "never", then="fail") == 500
    assert send(stack, "marker") == 202

    until(lambda: "marker" in bodies(stack))
    assert "never" not in bodies(stack)


def test_a_failed_queue_message_is_retried_at_once(stack: Stack) -> None:
    """It becomes visible again with a higher dequeue count."""
    send(stack, "fails once")

    until(lambda: bodies(stack).count("fails once") == 2, within=LEASE + 3)
    counts = [note["count"] for note in notes(stack) if note.get("body") == "fails once"]
    assert counts == [1, 2]


def test_a_message_that_keeps_failing_moves_to_the_poison_queue(stack: Stack) -> None:
    """After maxDequeueCount tries the message is in the poison queue only."""
    send(stack, "fails")

    with queue(stack, "work-poison") as poison:
        until(lambda: _count(poison) == 1)
        found = poison.receive_message()
        assert found is not None
        assert base64.b64decode(found.content) == b"fails"
        poison.clear_messages()
    assert bodies(stack).count("fails") == 3


def test_a_message_that_is_not_base64_moves_to_the_poison_queue_at_once(stack: Stack) -> None:
    """Bytes that the host cannot decode never reach the function."""
    before = len(notes(stack))
    with queue(stack, "work") as work:
        work.send_message("*** not base64 ***")
    with queue(stack, "work-poison") as poison:
        until(lambda: _count(poison) == 1)
        poison.clear_messages()

    assert len(notes(stack)) == before


def test_a_failed_poison_message_stays_in_its_poison_queue(stack: Stack) -> None:
    """It is retried until it succeeds or expires, and never moved to another queue."""
    with queue(stack, "late-poison") as late:
        late.create_queue()
        late.send_message(base64.b64encode(b"x").decode())

    until(lambda: [note["count"] for note in notes(stack) if note["kind"] == "late"] == [1, 2, 3, 4, 5])
    with queue(stack, "late-poison-poison") as none:
        assert _count(none) == 0


def test_the_fields_of_a_message_overwrite_the_trigger_metadata(stack: Stack) -> None:
    """This behaviour of the real host is reproduced: a payload with an `id` changes `msg.id`, in any case."""
    send(stack, json.dumps({"ID": 7}))

    until(lambda: any(note.get("id") == "7" for note in notes(stack)))


def test_a_long_run_renews_its_lease(stack: Stack) -> None:
    """Otherwise the message would be delivered twice."""
    send(stack, f"takes {LEASE * 2}")

    until(lambda: any(note["kind"] == "finished" for note in notes(stack)), within=LEASE * 2 + 3)
    time.sleep(0.5)
    assert bodies(stack).count(f"takes {LEASE * 2}") == 1


def test_the_message_of_a_killed_host_is_delivered_again(stack: Stack) -> None:
    """After kill -9 the message becomes visible when its lease ends, and another process handles it."""
    send(stack, "takes 1.5")
    until(lambda: "takes 1.5" in bodies(stack))

    stack.kill("api-1")
    stack.restart("api-1")

    until(lambda: bodies(stack).count("takes 1.5") == 2, within=LEASE + 5)


def test_an_orderly_stop_waits_for_running_messages(stack: Stack) -> None:
    """SIGTERM ends the polling, waits for running functions and exits with 0."""
    send(stack, "takes 1")
    until(lambda: "takes 1" in bodies(stack))

    code = stack.kill("api-1", stack.processes["api-1"].part.stop_signal)

    assert code == 0
    assert {"kind": "finished", "body": "takes 1"} in notes(stack)
    stack.restart("api-1")


def test_queues_are_polled_while_requests_are_drained(stack: Stack) -> None:
    """As in the real host: a signal ends no request, and what the request sends is still handled."""
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(lambda: send(stack, "sent late", wait="4"))
        time.sleep(0.5)
        pool.submit(stack.kill, "api-1", stack.processes["api-1"].part.stop_signal)
        time.sleep(0.5)
        with queue(stack, "work") as work:
            work.send_message(base64.b64encode(b"sent meanwhile").decode())
        until(lambda: "sent meanwhile" in bodies(stack), within=2.5)
        assert answer.result() == 202
    stack.restart("api-1")
    until(lambda: "sent late" in bodies(stack))


def _count(client: QueueClient) -> int:
    from azure.core.exceptions import ResourceNotFoundError

    try:
        return int(client.get_queue_properties().approximate_message_count or 0)
    except ResourceNotFoundError:
        return 0
