"""After all that a person, an administrator and an attacker can do, no secret stands anywhere (R-17, R-86, R-101).

Looked through: every log, every row, every message that waits, every message and row that was ever on its way, and the
store's own files. Left out: the inbox file and the list of the demo people, which are there to be read.
"""

import base64
import json
import secrets as draw
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from shared.domain.audit import Tag
from shared.domain.message import NoticeOrder
from shared.validation.orders import encode_order
from tests.integration.go_between import GoBetween, Request, StoreBetween, store_between
from tests.integration.inside import Known, make_people
from tests.integration.journey import CODE, challenge, code_to, fresh_contacts
from tests.integration.leak_scan import Scanner
from tests.integration.moments import sets_password
from tests.integration.outcomes import causes, outbox, wait_for
from tests.integration.remembering import RememberingApi
from tests.processes import AzuriteServer
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

MEANT_TO_BE_READ = {"inbox.jsonl", "people.json"}
OLD = "quatre chevaux dans la brûme"
NEW = "velours bancal sous la pluie"
NEWER = "tambour égaré près du canal"


@pytest.fixture(scope="module")
def store(azurite: AzuriteServer) -> Iterator[StoreBetween]:
    with store_between(azurite) as between:
        yield between


@pytest.fixture(scope="module")
def provider() -> Iterator[GoBetween]:
    between = GoBetween()
    yield between
    between.close()


@pytest.fixture(scope="module")
def stack(store: StoreBetween, provider: GoBetween, start_stack: StartStack) -> Stack:
    environment = {"SESAME_ACS_ENDPOINT": f"http://127.0.0.1:{provider.port}"}
    stack = start_stack(environment=environment, storage=store.connection)
    provider.upstream = stack.ports.inbox
    return stack


@dataclass
class Journeys:
    """Everything that happens, by one caller who remembers."""

    stack: Stack
    store: StoreBetween
    api: RememberingApi

    def poison(self, unlucky: Known) -> None:
        """Messages that cannot be read, and a notice that no provider takes, on its last delivery."""
        self.stack.fault("email", "throttled", to=unlucky.contacts["email"], times=99)
        self.change_password(unlucky)
        self.stack.kill("api-1")
        with outbox(self.stack) as queue:
            sent = queue.send_message(
                base64.b64encode(encode_order(NoticeOrder(account=unlucky.account)).encode()).decode()
            )
            for _ in range(4):  # the fifth delivery is the last; waiting for the host's own would take 20 s
                [message] = [m for m in queue.receive_messages() if m.id == sent.id]
                queue.update_message(message, visibility_timeout=0)
            unreadable = ("not base64 at all!", base64.b64encode(b"\xff\xfe").decode())
            for text in unreadable:
                queue.send_message(text)
        self.stack.start("api-1")

    def change_password(self, known: Known) -> str:
        token = self.api.sign_in(known.identifier, known.password)
        wrong = {"current_password": "ce n'est pas le bon", "new_password": NEW}
        assert self.api.post("/me/password", wrong, token).status_code == 403
        short = {"current_password": known.password, "new_password": "tropcourt42"}
        assert self.api.post("/me/password", short, token).status_code == 422
        body = {"current_password": known.password, "new_password": NEW}
        return str(self.api.ok("/me/password", body, token)["token"])

    def prefill(self, newcomer: Known, email: str, phone: str) -> None:
        people = json.loads((self.stack.data / "people.json").read_text())
        passwords = {entry["identifier"]: entry["password"] for entry in people}
        administrator = self.api.sign_in("avery.admin", passwords["avery.admin"])
        rows = [
            {"identifier": newcomer.identifier, "email": email, "mobile_phone": phone},
            {"identifier": "nobody.at.all", "email": "someone.unknown@mail.example"},
            {"identifier": newcomer.identifier, "email": "bad address here@@mail.example"},
            {"identifier": newcomer.identifier, "mobile_phone": "+33899000000"},
        ]
        self.api.ok("/admin/prefill", {"rows": rows, "dry_run": True}, administrator)
        self.api.ok("/admin/prefill", {"rows": rows}, administrator)

    def register(self, newcomer: Known, email: str, phone: str) -> None:
        self.api.post("/session", {"identifier": newcomer.identifier, "password": "un mot de passe deviné"})
        token = self.api.sign_in(newcomer.identifier, newcomer.password)
        self.api.ok("/me/methods/mobile_phone", {}, token)
        assert self.api.post("/me/methods/mobile_phone/confirm", {"answer": wrong_code()}, token).status_code == 403
        self.api.ok("/me/methods/mobile_phone/confirm", {"answer": code_to(self.stack, phone)}, token)
        other, _ = fresh_contacts()
        for address in (email, other):  # the second one replaces the first
            self.api.ok("/me/methods/email", {"contact": address}, token)
            self.api.ok("/me/methods/email/confirm", {"answer": code_to(self.stack, address)}, token)
        self.api.ok("/me/reconfirm", {}, token)
        self.api.ok("/me/methods/email/remove", {}, token)

    def reset(self, known: Known) -> None:
        email, phone = known.contacts["email"], known.contacts["mobile_phone"]
        token = str(self.api.ok("/reset/start", {"identifier": known.identifier})["verification_token"])
        ask = {"verification_token": token, "method": "email", "contact": email}
        token = str(self.api.ok("/reset/challenge", ask)["verification_token"])
        for _ in range(2):
            assert (
                self.api.post("/reset/verify", {"verification_token": token, "answer": wrong_code()}).status_code == 403
            )
        passed = self.api.ok("/reset/verify", {"verification_token": token, "answer": code_to(self.stack, email)})
        token = challenge(self.api, passed["verification_token"], "mobile_phone")
        passed = self.api.ok("/reset/verify", {"verification_token": token, "answer": code_to(self.stack, phone)})
        self.api.ok("/password/check", {"new_password": "un candidat qui passe par là"})
        complete = {"reset_token": passed["reset_token"], "new_password": f"{known.identifier} {known.identifier}"}
        again = self.api.post("/reset/complete", complete).json()["reset_token"]
        with self.store.tables.losing_answer(sets_password(known)):  # the SDK's error quotes the request
            self.api.ok("/reset/complete", {"reset_token": again, "new_password": NEWER})

    def attack(self, known: Known) -> None:
        """Secrets in the wrong places, wrong contacts, and services that fail with a request in their hands."""
        token = str(self.api.ok("/reset/start", {"identifier": known.identifier})["verification_token"])
        guess = {"verification_token": token, "method": "email", "contact": "guessed.address@mail.example"}
        self.api.ok("/reset/challenge", guess)
        for fault, method in (("invalid", "email"), ("drop", "mobile_phone")):
            channel = "email" if method == "email" else "sms"
            self.stack.fault(channel, fault, to=known.contacts[method])
            started = str(self.api.ok("/reset/start", {"identifier": known.identifier})["verification_token"])
            challenge(self.api, started, method)
        misplaced = {"identifier": known.identifier, "password": OLD, "answer": "a misplaced answer"}
        assert self.api.post("/reset/start", misplaced).status_code == 400
        self.api.keep("a token in a query", in_query := draw.token_urlsafe(40))
        self.api.http.get("/me", params={"token": in_query})
        self.api.http.post("/reset/verify", params={"verification_token": in_query}, json={})
        self.api.http.get("/me", headers={"Authorization": f"Bearer {in_query}"})
        with self.store.tables.cut():
            self.api.post("/session", {"identifier": known.identifier, "password": OLD})
            self.api.post("/reset/verify", {"verification_token": token, "answer": wrong_code()})
            self.api.post("/reset/complete", {"reset_token": token, "new_password": NEWER})
        with self.store.queues.cut():
            assert self.api.http.post("/reset/start", json={"identifier": known.identifier}).status_code == 500


def wrong_code() -> str:
    return f"{draw.randbelow(10**4):04} {draw.randbelow(10**4):04}"


@pytest.fixture(scope="module")
def api(stack: Stack, store: StoreBetween) -> RememberingApi:
    """Everything has happened; the caller knows every secret of it."""
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
    stack.fire("reconfirm")
    stack.fire("purge")
    wait_for(lambda: causes(stack, Tag.DELIVERY_LOST, unlucky.account), within=60)
    for message in stack.messages():
        if found := CODE.search(message["text"]):
            api.keep(f"a code by {message['channel']}", found[1])
    return api


@pytest.fixture(scope="module")
def scanner(api: RememberingApi) -> Scanner:
    return Scanner(api.secrets.values())


def test_enough_happened_to_be_worth_looking(stack: Stack, api: RememberingApi, scanner: Scanner) -> None:
    """The control: the scanner finds codes and addresses where they belong, so its silence elsewhere says something."""
    assert len(api.secrets) > 60
    inbox = (stack.data / "inbox.jsonl").read_bytes()
    kinds = {leak.secret.partition(": ")[2].partition(",")[0] for leak in scanner.leaks({"inbox": inbox})}
    codes = {"answer of /reset/verify", "answer of /me/methods/email/confirm"}
    assert kinds >= codes | {"email of forgetful", "mobile_phone of forgetful", "contact of /me/methods/email"}
    people = (stack.data / "people.json").read_bytes()
    assert scanner.leaks({"people": people}), "the administrator's password stands there"


def test_no_secret_stands_in_a_log_or_a_file_of_the_stack(stack: Stack, scanner: Scanner) -> None:
    """Logs of the host and the stand-in, URLs in the access log, timer states: everything on disk."""
    files = files_below(stack.data, leave_out=MEANT_TO_BE_READ)
    assert b'"path": "/api/v1/reset/verify"' in files["logs/api-1.log"]
    assert b"Traceback" not in files["logs/inbox.log"]
    assert scanner.leaks(files) == []


def test_no_secret_stands_in_a_table(stack: Stack, scanner: Scanner) -> None:
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
    assert set(tables) == {"Names", "People", "Accounts", "Counters", "Due", "Audit"}
    assert all(tables.values())
    assert scanner.leaks(tables) == []


def test_no_secret_waits_in_a_queue(stack: Stack, scanner: Scanner) -> None:
    """The queues and the poison queues as they stand; what is in base64 is looked at as it was before, too."""
    waiting: dict[str, bytes] = {}
    with QueueServiceClient.from_connection_string(stack.storage_connection) as service:
        for queue in service.list_queues():
            with service.get_queue_client(queue.name) as client:
                messages = [str(message.content) for message in client.peek_messages(max_messages=32)]
            waiting[queue.name] = "\n".join([*messages, *map(decoded, messages)]).encode()
    assert {"outbox", "audit", "outbox-poison"} <= set(waiting)
    assert scanner.leaks(waiting) == []


def test_no_secret_was_ever_on_its_way_to_the_store(store: StoreBetween, scanner: Scanner) -> None:
    """Every request to tables and queues since the start: rows that were overwritten, messages that were taken."""
    traffic = {
        "tables": b"\n".join(parts(request) for request in store.tables.seen),
        "queues": b"\n".join(parts(request) for request in store.queues.seen),
    }
    assert traffic["queues"].count(b'"kind":"code"') + traffic["queues"].count(b'"kind": "code"') >= 8
    assert scanner.leaks(traffic) == []


def test_no_secret_stands_in_an_address_that_the_provider_sees(provider: GoBetween, scanner: Scanner) -> None:
    """The provider must have the message, but not in its access log: nothing of it in the URL (R-86)."""
    assert len(provider.seen) > 10
    assert scanner.leaks({"urls": "\n".join(unquote(request.target) for request in provider.seen).encode()}) == []


def test_no_secret_stands_in_a_file_of_the_store(stack: Stack, azurite: AzuriteServer, scanner: Scanner) -> None:
    """Azurite's databases, extents and log, after it has saved what it had in memory."""
    mark = f"flushed{draw.token_hex(8)}"
    with TableServiceClient.from_connection_string(stack.storage_connection) as service:
        service.get_table_client("Audit").create_entity({"PartitionKey": mark, "RowKey": mark})
    wait_for(lambda: any(mark.encode() in text for text in files_below(azurite.data).values()), within=30)
    assert scanner.leaks(files_below(azurite.data)) == []


def files_below(folder: Path, leave_out: set[str] = frozenset()) -> dict[str, bytes]:  # type: ignore[assignment]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in leave_out
    }


def decoded(text: str) -> str:
    """A queue message as its reader sees it; text that is not base64 as it is."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except ValueError:
        return text


def parts(request: Request) -> bytes:
    """What a request says, in every reading: its address, its body, and the message inside it."""
    found = [request.target.encode(), unquote(request.target).encode(), request.body]
    if b"<MessageText>" in request.body:
        found.append(decoded(ET.fromstring(request.body).findtext("MessageText") or "").encode())
    return b"\n".join(found)
