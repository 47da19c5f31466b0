"""The path of a delivery report: the provider's queue, the trigger, the row, the page and the audit log."""

import base64
import json

import httpx
import pytest
from azure.storage.queue import QueueClient

from shared.domain.trail import Tag
from tests.integration.inside import Known, make_person, row_of
from tests.integration.journey import Api, challenge, code_to, fresh_contacts
from tests.integration.outcomes import causes, wait_for
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

PASSWORD = "quatre chevaux dans la brume"


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack()


@pytest.fixture(scope="module")
def api(stack: Stack) -> Api:
    return Api(stack.api)


def somebody(stack: Stack) -> Known:
    email, phone = fresh_contacts()
    return make_person(stack, Known(f"reported.{phone[-4:]}", PASSWORD, {"email": email, "mobile_phone": phone}))


def report(stack: Stack, to: str, status: str = "Failed", details: str = "", **said: str) -> dict[str, object]:
    """Have the provider report on the last message; `code=` is one of its documented codes."""
    answer = httpx.post(f"{stack.inbox}/reports", json={"to": to, "status": status, "details": details, **said})
    answer.raise_for_status()
    event: dict[str, object] = answer.json()
    return event


def states(api: Api, token: str) -> dict[str, str]:
    return {method["method"]: method["state"] for method in api.me(token)["methods"]}


def suspects(stack: Stack, known: Known) -> dict[str, str]:
    """Return the states by method."""
    return {m.name: m.suspect_reason for m in row_of(stack, known.account).methods if m.suspect_at}


def test_an_undeliverable_method_is_shown_as_suspect_until_it_works_again(stack: Stack, api: Api) -> None:
    """Both codes of a reset are reported as failed. The owner sees it; a later delivery or a confirmation ends it."""
    known = somebody(stack)
    token = str(api.ok("/reset/start", {"identifier": known.identifier})["verification_token"])
    for method in ("email", "mobile_phone"):
        token = challenge(api, token, method)
        code_to(stack, known.contacts[method])
    report(stack, known.contacts["email"], "Bounced", "550 no such user")
    report(stack, known.contacts["mobile_phone"], code="4004")
    wait_for(lambda: suspects(stack, known) == {"email": "bounced", "mobile_phone": "unreachable"})

    session = api.sign_in(known.identifier, known.password)
    assert states(api, session) == {"email": "suspect", "mobile_phone": "suspect"}
    status = api.http.get("/registration/status", headers={"Authorization": f"Bearer {session}"}).json()
    assert status["status"] == "must_reconfirm"

    report(stack, known.contacts["email"], "Delivered")
    wait_for(lambda: "email" not in suspects(stack, known))
    begun = api.ok("/me/methods/mobile_phone", {}, session)
    assert begun["channel"] == "sms"
    answer = code_to(stack, known.contacts["mobile_phone"], nth=2)
    api.ok("/me/methods/mobile_phone/confirm", {"answer": answer}, session)
    assert states(api, session) == {"email": "confirmed", "mobile_phone": "confirmed"}
    wait_for(lambda: len(causes(stack, Tag.METHOD_SUSPECTED, known.account)) == 2)


def test_a_number_that_answered_stop_is_shown_so_until_it_answers_start(stack: Stack, api: Api) -> None:
    """The provider's code for it, then the replies as Event Grid queues them; another text changes nothing."""
    known = somebody(stack)
    number = known.contacts["mobile_phone"]
    challenge(api, str(api.ok("/reset/start", {"identifier": known.identifier})["verification_token"]), "mobile_phone")
    code_to(stack, number)
    session = api.sign_in(known.identifier, known.password)

    def phone_is(state: str) -> bool:
        return states(api, session) == {"email": "confirmed", "mobile_phone": state}

    report(stack, number, code="4007")
    wait_for(lambda: phone_is("opted_out"))
    wait_for(lambda: causes(stack, Tag.NUMBER_OPTED_OUT, known.account) == ["opted_out"])
    for text, state in (("START", "confirmed"), ("stop", "opted_out"), ("Unstop", "confirmed")):
        for said in (text, "my secret is rosebud"):
            httpx.post(f"{stack.inbox}/replies", json={"from": number, "text": said}).raise_for_status()
        wait_for(lambda state=state: phone_is(state))
    wait_for(lambda: waiting(stack, "delivery-reports") == 0)


def test_a_repeated_delivery_report_changes_nothing(stack: Stack, api: Api) -> None:
    """Event Grid can repeat an event. Its `id` overwrites the message's id in the trigger metadata."""
    known = somebody(stack)
    challenge(api, str(api.ok("/reset/start", {"identifier": known.identifier})["verification_token"]), "email")
    code_to(stack, known.contacts["email"])
    event = report(stack, known.contacts["email"], "Bounced")
    wait_for(lambda: suspects(stack, known))
    before = row_of(stack, known.account)
    put(stack, json.dumps([event, event]).encode())
    wait_for(lambda: waiting(stack, "delivery-reports") == 0)
    assert row_of(stack, known.account) == before


def put(stack: Stack, *messages: bytes) -> None:
    with QueueClient.from_connection_string(stack.storage_connection, "delivery-reports") as queue:
        for message in messages:
            queue.send_message(base64.b64encode(message).decode())


def waiting(stack: Stack, name: str) -> int:
    with QueueClient.from_connection_string(stack.storage_connection, name) as queue:
        return int(queue.get_queue_properties().approximate_message_count or 0)
