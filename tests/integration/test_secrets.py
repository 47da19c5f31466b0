"""After journeys of a person, an administrator and an attacker, no secret is stored in clear (R-17, R-86, R-101).

Searched: every log, every row, every waiting message, every row and message ever sent, and the store's own files. Not
searched: the inbox file and the list of demo people, which contain secrets on purpose.
"""

import base64
import json
import secrets as draw
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from local.strict_store.proxy import Proxy
from local.strict_store.store import StrictStore
from local.strict_store.wire import Request
from shared.domain.policy import DEFAULT_METHODS
from shared.domain.trail import Tag
from tests.builders import OBJECTION
from tests.integration.inside import Known, make_people
from tests.integration.journey import CODE, fresh_contacts
from tests.integration.leak_scan import Scanner
from tests.integration.outcomes import causes, wait_for
from tests.integration.remembering import RememberingApi
from tests.integration.secret_journeys import OLD, Journeys
from tests.processes import AzuriteServer
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

MEANT_TO_BE_READ = {"inbox.jsonl", "people.json"}


@pytest.fixture(scope="module")
def stack(store: StrictStore, provider: Proxy, start_stack: StartStack) -> Stack:
    policy = {"methods": (*DEFAULT_METHODS, "recovery_code")}
    environment = {"SESAME_ACS_ENDPOINT": f"http://127.0.0.1:{provider.port}", "SESAME_POLICY": json.dumps(policy)}
    stack = start_stack(environment=environment, storage=store.connection)
    provider.upstream.port = stack.ports.inbox
    return stack


@pytest.fixture(scope="module")
def api(stack: Stack, store: StrictStore) -> RememberingApi:
    """All journeys are done; the caller knows every secret."""
    api = RememberingApi(stack.api)
    journeys = Journeys(stack, store, api)
    contacts = [dict(zip(("email", "mobile_phone"), fresh_contacts(), strict=True)) for _ in range(3)]
    unlucky, forgetful, victim = (
        Known(name, OLD, known) for name, known in zip(("unlucky", "forgetful", "victim"), contacts, strict=True)
    )
    unlucky, forgetful, victim, newcomer = make_people(stack, unlucky, forgetful, victim, Known("newcomer", OLD))
    for known in (unlucky, forgetful, victim):
        for method, contact in known.contacts.items():
            api.keep(f"{method} of {known.identifier}", contact)
    for name in ("INDEX_KEY", "CODE_KEYS", "TOKEN_KEYS", "SEAL_KEYS", "PEPPERS", "ACS_ACCESS_KEY"):
        api.keep(name, stack.environment[f"SESAME_{name}"].removeprefix("1:"))
    email, phone = fresh_contacts()
    journeys.poison(unlucky)
    journeys.prefill(newcomer, email, phone)
    journeys.register(newcomer, email, phone)
    journeys.reset(forgetful)
    journeys.attack(victim)
    stack.fire("remind")
    stack.fire("purge")
    stack.fire("sweep")
    wait_for(lambda: causes(stack, Tag.DELIVERY_LOST, unlucky.account), within=60)
    for message in stack.messages():
        if found := CODE.search(message["text"]):
            api.keep(f"a code by {message['channel']}", found[1])
        if found := OBJECTION.search(message["text"]):
            api.keep("a code of an objection", found[0])
            api.keep("a code of an objection, bare", found[0].replace("-", ""))
    return api


@pytest.fixture(scope="module")
def scanner(api: RememberingApi) -> Scanner:
    return Scanner(api.secrets.values())


def test_the_leak_scan_finds_the_codes_and_addresses_in_the_inbox(
    stack: Stack, api: RememberingApi, scanner: Scanner
) -> None:
    """Control: if the scanner did not find secrets where they belong, the other tests would prove nothing."""
    assert len(api.secrets) > 60
    inbox = (stack.data / "inbox.jsonl").read_bytes()
    kinds = {leak.secret.partition(": ")[2].partition(",")[0] for leak in scanner.leaks({"inbox": inbox})}
    codes = {"answer of /reset/verify", "answer of /me/methods/email/confirm"}
    assert kinds >= codes | {"email of forgetful", "mobile_phone of forgetful", "contact of /me/methods/email"}
    people = (stack.data / "people.json").read_bytes()
    assert scanner.leaks({"people": people}), "the administrator's password stands there"


def test_no_log_or_file_of_the_stack_contains_a_secret(stack: Stack, scanner: Scanner) -> None:
    """Logs of the host and the stand-in, URLs in the access log, timer status: everything on disk."""
    files = files_below(stack.data, leave_out=MEANT_TO_BE_READ)
    assert b'"path": "/api/v1/reset/verify"' in files["logs/api-1.log"]
    assert b"Traceback" not in files["logs/inbox.log"]
    assert scanner.leaks(files) == []


def test_the_service_logs_no_url_and_no_row_key(stack: Stack, api: RememberingApi) -> None:
    """All that it logs at the worker's level goes to Application Insights: the SDKs' requests would go there too."""
    lines = [json.loads(line) for line in stack.log("api-1").splitlines()]
    ours = "\n".join(str(line) for line in lines if not line["logger"].startswith("host"))
    raised = "\n".join(line["exception"] for line in lines if "exception" in line)  # the host logs it with its causes
    assert api.secrets
    assert raised
    assert "audit deliver:message:lost" in ours
    with TableServiceClient.from_connection_string(stack.storage_connection) as service:
        keys = {
            str(row[key]) for row in service.get_table_client("People").list_entities() for key in row if "Key" in key
        }
    assert keys
    assert [mark for mark in ("://", "Key=", "HTTP", *(key for key in keys if len(key) > 8)) if mark in ours] == []
    assert [mark for mark in ("://", *(key for key in keys if len(key) > 8)) if mark in raised] == []


def test_no_table_contains_a_secret(stack: Stack, scanner: Scanner) -> None:
    """Every property of every row of every table."""
    with TableServiceClient.from_connection_string(stack.storage_connection) as service:
        tables = {
            table.name: "\n".join(
                str(value)
                for row in service.get_table_client(table.name).list_entities()
                for value in (*row.values(), row.metadata)
            ).encode()
            for table in service.list_tables()
        }
    names = {name.rstrip("0123456789") for name in tables}
    expiring = {"Counters", "Strangers", "Audit", "Imports"}
    assert names == {"Names", "People", "Accounts", "Due", "OptOuts", "Coverage"} | expiring
    assert all(tables[name] for name in ("Names", "People", "Accounts", "Due"))
    assert scanner.leaks(tables) == []


def test_no_queue_contains_a_secret(stack: Stack, scanner: Scanner) -> None:
    """Queues and poison queues, each message as stored and decoded from base64."""
    waiting: dict[str, bytes] = {}
    with QueueServiceClient.from_connection_string(stack.storage_connection) as service:
        for queue in service.list_queues():
            with service.get_queue_client(queue.name) as client:
                messages = [str(message.content) for message in client.peek_messages(max_messages=32)]
            waiting[queue.name] = "\n".join([*messages, *map(decoded, messages)]).encode()
    assert {"outbox", "audit", "outbox-poison"} <= set(waiting)
    assert scanner.leaks(waiting) == []


def test_no_request_to_the_store_contained_a_secret(store: StrictStore, scanner: Scanner) -> None:
    """Every request to tables and queues since the start, also for rows that were overwritten later."""
    traffic = {
        "tables": b"\n".join(parts(request) for request in store.tables.seen),
        "queues": b"\n".join(parts(request) for request in store.queues.seen),
    }
    assert traffic["queues"].count(b'"kind":"code"') + traffic["queues"].count(b'"kind": "code"') >= 8
    assert scanner.leaks(traffic) == []


def test_no_provider_url_contains_a_secret(provider: Proxy, scanner: Scanner) -> None:
    """The provider gets the message in the body. A URL would put it into the provider's access log (R-86)."""
    wait_for(lambda: len(provider.seen) > 10, within=60)  # notices are promised, and come a little later
    assert scanner.leaks({"urls": "\n".join(unquote(request.target) for request in provider.seen).encode()}) == []


def test_no_file_of_the_store_contains_a_secret(stack: Stack, azurite: AzuriteServer, scanner: Scanner) -> None:
    """Azurite's databases, extents and log, after it has saved its data."""
    mark = f"flushed{draw.token_hex(8)}"
    with TableServiceClient.from_connection_string(stack.storage_connection) as service:
        service.get_table_client("Due").create_entity({"PartitionKey": mark, "RowKey": mark})
    wait_for(lambda: any(mark.encode() in text for text in files_below(azurite.data).values()), within=30)
    assert scanner.leaks(files_below(azurite.data)) == []


def files_below(folder: Path, leave_out: set[str] = frozenset()) -> dict[str, bytes]:  # type: ignore[assignment]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in leave_out
    }


def decoded(text: str) -> str:
    """Return a queue message as its reader sees it; unchanged if it is not base64."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except ValueError:
        return text


def parts(request: Request) -> bytes:
    """Return all readings of a request: its URL, its body, and the message inside it."""
    found = [request.target.encode(), unquote(request.target).encode(), request.body]
    if b"<MessageText>" in request.body:
        found.append(decoded(ET.fromstring(request.body).findtext("MessageText") or "").encode())
    return b"\n".join(found)
