"""Calls on the whole stack: the page's request, the queue, the provider with its phones, its reports, the row."""

import datetime as dt
import json
import time
from contextlib import suppress
from typing import Any

import httpx
import jwt
import pytest
from azure.data.tables import TableServiceClient
from cryptography.hazmat.primitives.asymmetric import rsa

from local.strict_store.store import StrictStore
from shared.domain.sent_codes import derive_code
from shared.domain.trail import Tag
from tests.calls import NUMBERS
from tests.integration.inside import Known, inside, make_people, row_of
from tests.integration.journey import Api, code_to, fresh_contacts, without_reference
from tests.integration.leak_scan import Scanner, Secret
from tests.integration.outcomes import causes, wait_for
from tests.integration.test_secrets import files_below, parts
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

PASSWORD = "quatre chevaux dans la brume"
POLICY = {"gates": 1, "methods": ["email", "mobile_phone", "office_phone"], "sends_per_prefix_hour": 1000}
DESK = "+33155501234;ext=4711"
UNSPOKEN = {
    "voicemail": "no_key", "silent": "no_key", "wrong_key": "wrong_key", "hangs_up": "hung_up",
    "no_answer": "no_answer", "busy": "busy", "declined": "declined", "unreachable": "unreachable",
}  # fmt: skip


@pytest.fixture(scope="module")
def stack(store: StrictStore, start_stack: StartStack) -> Stack:
    return start_stack(storage=store.connection, environment={"SESAME_POLICY": json.dumps(POLICY)})


@pytest.fixture(scope="module")
def api(stack: Stack) -> Api:
    return Api(stack.api)


def people(stack: Stack, *names: str, **contacts: str) -> list[Known]:
    """Create people with a mobile number of their own, or these contacts."""
    return make_people(
        stack, *(Known(name, PASSWORD, contacts or {"mobile_phone": fresh_contacts()[1]}) for name in names)
    )


def tell(stack: Stack, to: str, does: str, *, twice: bool = False) -> None:
    httpx.post(f"{stack.inbox}/phones", json={"to": to, "does": does, "twice": twice}).raise_for_status()


def ask(api: Api, known: Known, method: str = "mobile_phone", language: str = "en") -> str:
    """Ask for a call. Return the token of the page."""
    begun = api.ok("/reset/start", {"identifier": known.identifier})
    assert begun["channels"][method][-1] == "voice"
    wanted = {"verification_token": begun["verification_token"], "method": method, "channel": "voice"}
    answer = api.http.post("/reset/challenge", json=wanted, headers={"Accept-Language": language})
    return str(answer.json()["verification_token"])


def call_to(stack: Stack, number: str, *, within: float = 20) -> dict[str, Any]:
    """Return the only call to that number, once it is over."""
    end = time.monotonic() + within
    while True:
        calls = httpx.get(f"{stack.inbox}/calls", params={"to": number}).json()
        if calls and calls[0]["state"] == "disconnected":
            assert len(calls) == 1, "placed once"
            return dict(calls[0])
        assert time.monotonic() < end, f"{calls} within {within} s"
        time.sleep(0.05)


@pytest.mark.parametrize(("language", "twice"), [("fr", False), ("en", True)])
def test_a_call_speaks_the_code_after_its_key_and_the_code_proves(
    stack: Stack, api: Api, language: str, *, twice: bool
) -> None:
    """In the language of the page; once, even if each report comes twice; and then the service hangs up."""
    (known,) = people(stack, f"called.{language}")
    number = known.contacts["mobile_phone"]
    tell(stack, number, "answers", twice=twice)
    token = ask(api, known, language=language)
    call = call_to(stack, number)
    code = code_to(stack, number)
    assert [heard.count(code) for heard in call["heard"]] == [0, 2]
    assert ("Votre code" in call["heard"][1]) == (language == "fr")
    assert set(call["statuses"]) == {200}
    proved = api.ok("/reset/verify", {"verification_token": token, "answer": code})
    assert proved["reset_token"]


def test_an_extension_is_dialled_after_the_answer(stack: Stack, api: Api) -> None:
    """The number is called without it. A switchboard is told about it, and its digits are sent as tones."""
    (known,) = people(stack, "at.a.desk", office_phone=DESK)
    tell(stack, "+33155501234", "switchboard")
    ask(api, known, "office_phone")
    call = call_to(stack, "+33155501234")
    assert call["dialled"] == "4711"
    assert [bool(json.dumps(heard).count("4711")) for heard in call["heard"]] == [True, False, False]


def test_a_call_without_its_key_never_speaks_the_code(stack: Stack, store: StrictStore, api: Api) -> None:
    """Searched for its digits and their words in both languages: all that was said, reported, logged, queued, stored.

    Why it was not spoken is in the audit log, and only a number that does not exist makes the method suspect. A code
    that is spoken is the control: it is found where people hear it, and nowhere else.
    """
    *silent, heard = people(stack, *(f"a.{does}" for does in UNSPOKEN), "who.hears")
    called = dict(zip(UNSPOKEN, silent, strict=True))
    ask(api, heard)
    for does, known in called.items():
        tell(stack, known.contacts["mobile_phone"], does, twice=does == "wrong_key")
        ask(api, known)
    calls = [call_to(stack, known.contacts["mobile_phone"]) for known in called.values()]
    for does, known in called.items():
        wait_for(lambda known=known: causes(stack, Tag.CODE_NOT_SPOKEN, known.account))
        assert set(causes(stack, Tag.CODE_NOT_SPOKEN, known.account)) == {UNSPOKEN[does]}, does
    control = Scanner([Secret("spoken", code_to(stack, heard.contacts["mobile_phone"]).replace("-", ""))])
    keyring = inside(stack, keyring_of)
    secrets = []
    for known in called.values():
        row = row_of(stack, known.account)
        (sent,) = row.sent_codes
        code = derive_code(keyring.code_key(sent.code_key), known.account, sent, digits=8)
        secrets += [Secret("code", code), Secret("code as shown", f"{code[:4]}-{code[4:]}")]
        secrets += [Secret(f"code in {of}", " ".join(words[int(d)] for d in code)) for of, words in NUMBERS.items()]
        assert not sent.spoken
        assert (row.methods[0].suspect_reason == "unreachable") == (known is called["unreachable"])
    with TableServiceClient.from_connection_string(stack.storage_connection) as service:
        rows = [
            json.dumps([dict(row) for row in service.get_table_client(table.name).list_entities()], default=str)
            for table in service.list_tables()
        ]
    places = {
        "calls": json.dumps([*calls, call_to(stack, heard.contacts["mobile_phone"])], ensure_ascii=False).encode(),
        "inbox": json.dumps(stack.messages(), ensure_ascii=False).encode(),
        "rows": "\n".join(rows).encode(),
        "traffic": b"\n".join(parts(request) for side in (store.tables, store.queues) for request in side.seen),
        **files_below(stack.data, leave_out={"people.json"}),
    }
    assert Scanner(secrets).leaks(places) == []
    bare = {place: heap.replace(b"-", b"") for place, heap in places.items()}
    assert {leak.place for leak in control.leaks(bare)} == {"calls", "inbox", "inbox.jsonl"}
    assert sum(len(call["heard"]) for call in calls) == 4, "four of them answered, and were asked for the key"


async def keyring_of(service: Any) -> Any:
    return service.adapters.keyring


def kill(stack: Stack) -> None:
    stack.kill("api-1")
    stack.restart("api-1")


def test_no_code_is_spoken_twice_when_the_host_is_killed_in_a_call(stack: Stack, api: Api) -> None:
    """Killed when the key is pressed, and again while the code is spoken. The provider reports until it is taken.

    The first kill can fall between the mark on the row and the speech. Then the code is never spoken: another call.
    """
    for name in ("first", "second", "third"):
        (known,) = people(stack, f"in.a.killed.call.{name}")
        number = known.contacts["mobile_phone"]
        ask(api, known)
        wait_for(lambda number=number: len(stack.messages(to=number)) >= 1)
        kill(stack)
        with suppress(AssertionError):
            wait_for(lambda number=number: len(stack.messages(to=number)) > 1, within=15)
            break
        (sent,) = row_of(stack, known.account).sent_codes
        assert sent.spoken
    kill(stack)
    call = call_to(stack, number)
    assert 0 in call["statuses"], "some reports met no host"
    code = code_to(stack, number)
    assert [heard.count(code) for heard in call["heard"]].count(2) == 1


def test_twenty_forged_reports_get_one_answer_and_do_nothing(stack: Stack, api: Api) -> None:
    """Without the token of the call, without the provider's signature, or with a signature for somebody else."""
    (known,) = people(stack, "with.forged.reports")
    number = known.contacts["mobile_phone"]
    tell(stack, number, "no_answer")
    ask(api, known)
    call = call_to(stack, number)
    address = str(call["callback"]).removeprefix(f"{stack.api}/api/v1")
    other = str(httpx.get(f"{stack.inbox}/calls").json()[0]["callback"]).rpartition("/")[2]
    signed = str(httpx.get(f"{stack.inbox}/signature").json()["token"])
    ours = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = dt.datetime.now(dt.UTC)
    claims: dict[str, Any] = jwt.decode(signed, options={"verify_signature": False})
    forged = [jwt.encode({**claims, **more}, ours, "RS256", {"kid": kid}) for kid, more in FORGED(now)]
    forged += [jwt.encode(claims, None, algorithm="none"), jwt.encode(claims, "k" * 32, "HS256", {"kid": "standin"})]
    forged += ["", "x", signed[:-4] + "AAAA", signed.rpartition(".")[0] + "."]
    body = json.dumps([{**call["reports"][-1], "type": "Microsoft.Communication.CallConnected"}])
    requests = [(address, token, body) for token in forged]
    requests += [(address, "", text) for text in ("", "[]", "{", "null", "\x00")]
    requests += [(f"/calls/{token}", signed, body) for token in ("x", other[:-1], other[::-1], "A" * 600, signed[:800])]
    assert len(requests) >= 20
    answers = {
        (answer.status_code, without_reference(answer))
        for path, token, text in requests
        for answer in [api.http.post(path, content=text, headers={"Authorization": f"Bearer {token}"} if token else {})]
    }
    assert len(answers) == 1
    assert {status for status, _ in answers} == {403}
    assert httpx.get(f"{stack.inbox}/calls", params={"to": number}).json()[0]["heard"] == []
    assert api.http.post(address, content=body, headers={"Authorization": f"Bearer {signed}"}).status_code == 200


def FORGED(now: dt.datetime) -> list[tuple[str, dict[str, Any]]]:  # noqa: N802  a table that needs the time
    return [
        ("standin", {}),
        ("another", {}),
        ("standin", {"aud": "5e5a3e00-0000-4000-8000-000000000bad"}),
        ("standin", {"iss": "https://acscallautomation.communication.azure.com"}),
        ("standin", {"exp": now - dt.timedelta(hours=1)}),
        ("", {}),
    ]
