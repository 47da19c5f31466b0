"""What the local host does with queues: outputs, leases, retries, the poison queue."""

import base64
import json
import time
from collections.abc import Callable
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
    environment = {"SESAME_NOTES": str(notes), "SESAME_TICK": "0 0 0 1 1 *"}
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


def test_a_list_is_as_many_messages_and_a_missing_queue_is_made(stack: Stack) -> None:
    """An output binding sends one message for each item, before the reply, and creates the queue it needs."""
    assert send(stack, "first", "second") == 202

    until(lambda: {"first", "second"} <= set(bodies(stack)))
    with queue(stack, "work") as work:
        until(lambda: work.get_queue_properties().approximate_message_count == 0)


def test_a_failed_function_writes_no_output(stack: Stack) -> None:
    """Outputs belong to success: an exception after `out.set` sends nothing."""
    assert send(stack, "never", then="fail") == 500
    assert send(stack, "marker") == 202

    until(lambda: "marker" in bodies(stack))
    assert "never" not in bodies(stack)


def test_a_failure_is_tried_again_at_once(stack: Stack) -> None:
    """A failed message is released and comes back with a higher dequeue count."""
    send(stack, "fails once")

    until(lambda: bodies(stack).count("fails once") == 2, within=LEASE + 3)
    counts = [note["count"] for note in notes(stack) if note.get("body") == "fails once"]
    assert counts == [1, 2]


def test_a_message_that_keeps_failing_is_poisoned(stack: Stack) -> None:
    """After maxDequeueCount tries the message stands in the poison queue, and nowhere else."""
    send(stack, "fails")

    with queue(stack, "work-poison") as poison:
        until(lambda: _count(poison) == 1)
        found = poison.receive_message()
        assert found is not None
        assert base64.b64decode(found.content) == b"fails"
        poison.clear_messages()
    assert bodies(stack).count("fails") == 3


def test_what_is_not_base64_is_poisoned_at_once(stack: Stack) -> None:
    """Bytes that the host cannot decode never reach the function."""
    before = len(notes(stack))
    with queue(stack, "work") as work:
        work.send_message("*** not base64 ***")
    with queue(stack, "work-poison") as poison:
        until(lambda: _count(poison) == 1)
        poison.clear_messages()

    assert len(notes(stack)) == before


def test_a_poison_queue_has_none_of_its_own(stack: Stack) -> None:
    """What fails in a poison queue comes back until it succeeds or expires; it is never moved on."""
    with queue(stack, "late-poison") as late:
        late.create_queue()
        late.send_message(base64.b64encode(b"x").decode())

    until(lambda: [note["count"] for note in notes(stack) if note["kind"] == "late"] == [1, 2, 3, 4, 5])
    with queue(stack, "late-poison-poison") as none:
        assert _count(none) == 0


def test_a_payload_overwrites_the_metadata_of_its_trigger(stack: Stack) -> None:
    """The platform's trap is kept: a payload with an `id` changes `msg.id`, whatever its case."""
    send(stack, json.dumps({"ID": 7}))

    until(lambda: any(note.get("id") == "7" for note in notes(stack)))


def test_a_long_run_keeps_its_lease(stack: Stack) -> None:
    """The lease is renewed while the function runs, so a message is not handed out twice."""
    send(stack, f"takes {LEASE * 2}")

    until(lambda: any(note["kind"] == "finished" for note in notes(stack)), within=LEASE * 2 + 3)
    time.sleep(0.5)
    assert bodies(stack).count(f"takes {LEASE * 2}") == 1


def test_a_killed_host_gives_its_message_back(stack: Stack) -> None:
    """After kill -9 the message is seen again once the lease is over, and by then another process handles it."""
    send(stack, "takes 1.5")
    until(lambda: "takes 1.5" in bodies(stack))

    stack.kill("api-1")
    stack.restart("api-1")

    until(lambda: bodies(stack).count("takes 1.5") == 2, within=LEASE + 5)


def test_an_orderly_stop_lets_running_messages_finish(stack: Stack) -> None:
    """SIGTERM ends the polling, waits for what runs and exits with 0."""
    send(stack, "takes 1")
    until(lambda: "takes 1" in bodies(stack))

    code = stack.kill("api-1", stack.processes["api-1"].part.stop_signal)

    assert code == 0
    assert {"kind": "finished", "body": "takes 1"} in notes(stack)
    stack.restart("api-1")


def _count(client: QueueClient) -> int:
    from azure.core.exceptions import ResourceNotFoundError

    try:
        return int(client.get_queue_properties().approximate_message_count or 0)
    except ResourceNotFoundError:
        return 0
