"""The authenticator app over HTTP, on three instances: register, reset, parallel answers, strangers."""

import json
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.integration.inside import Known, make_person
from tests.integration.journey import Api, add_app, app_code, challenge, code_to, fresh_contacts, prove_change
from tests.integration.test_parallel import GENEROUS, fire
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

PASSWORD, NEW = "quatre chevaux dans la brume", "velours bancal sous la pluie"
APP = "authenticator_app"


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    policy = {**GENEROUS, "new_method_rest_hours": 0}
    return start_stack(instances=3, environment={"SESAME_POLICY": json.dumps(policy)})


@pytest.fixture
def api(stack: Stack) -> Api:
    return Api(stack.api)


@pytest.fixture
def person(stack: Stack) -> Known:
    email, phone = fresh_contacts()
    return make_person(stack, Known(f"app.{email[:8]}", PASSWORD, {"email": email, "mobile_phone": phone}))


def started(api: Api, identifier: str, method: str = APP) -> str:
    token = str(api.ok("/reset/start", {"identifier": identifier})["verification_token"])
    return challenge(api, token, method)


def apps(me: dict[str, Any]) -> list[tuple[str, str]]:
    """The label and the state of each app."""
    return [(m["label"], m["state"]) for m in me["methods"] if m["method"] == APP]


@pytest.mark.parametrize("first", [APP, "email"], ids=["the app first", "email first"])
def test_a_password_is_reset_with_the_app_and_an_email_code(stack: Stack, api: Api, person: Known, first: str) -> None:
    """In either order; the hints name no contact for the app."""
    session = api.sign_in(person.identifier, PASSWORD)
    secret = add_app(api, session, proof=prove_change(stack, api, session))
    token = str(api.ok("/reset/start", {"identifier": person.identifier})["verification_token"])
    answer: dict[str, Any] = {}
    for method in (first, "email" if first == APP else APP):
        token = challenge(api, token, method)
        code = app_code(secret) if method == APP else code_to(stack, person.contacts["email"], nth=2)
        answer = api.ok("/reset/verify", {"verification_token": token, "answer": code})
        assert APP not in answer.get("hints", {})
        token = answer.get("verification_token", "")
    api.ok("/reset/complete", {"reset_token": answer["reset_token"], "new_password": NEW})
    assert api.sign_in(person.identifier, NEW)


async def test_of_thirty_parallel_equal_codes_one_opens_the_gate(stack: Stack, api: Api, person: Known) -> None:
    """Sent to three instances at once, for one verification each: the step is spent by the first (RFC 6238 5.2)."""
    session = api.sign_in(person.identifier, PASSWORD)
    secret = add_app(api, session, proof=prove_change(stack, api, session))
    bodies = [
        {"verification_token": started(api, person.identifier), "answer": app_code(secret, steps=1)} for _ in range(6)
    ]
    answers: list[httpx.Response] = await fire(stack, "/reset/verify", bodies * 5)
    told = Counter(answer.status_code for answer in answers)
    assert told[200] == 1
    assert set(told) <= {200, 403, 429, 503}


def test_three_apps_are_listed_and_a_fourth_is_refused(stack: Stack, api: Api, person: Known) -> None:
    """One can be replaced and one removed by itself; the replaced one is refused from then on."""
    session = api.sign_in(person.identifier, PASSWORD)
    proof = prove_change(stack, api, session)
    secrets = [add_app(api, session, label, proof=proof) for label in ("red", "green", "blue")]
    me = api.me(session)
    assert sorted(apps(me)) == [("blue", "confirmed"), ("green", "confirmed"), ("red", "confirmed")]
    assert APP not in me["addable"]
    full = api.post(f"/me/methods/{APP}", {"proof": proof}, session)
    assert (full.status_code, full.json()["reason"]) == (400, "too_many")

    credentials = {m["label"]: m["credential"] for m in me["methods"]}
    begun = api.ok(f"/me/methods/{APP}", {"label": "new", "credential": credentials["red"], "proof": proof}, session)
    code = app_code(begun["enrolment"]["secret"])
    api.ok(f"/me/methods/{APP}/confirm", {"answer": code}, session)
    me = api.ok(f"/me/methods/{APP}/remove", {"credential": credentials["green"], "proof": proof}, session)
    assert sorted(apps(me)) == [("blue", "confirmed"), ("new", "confirmed")]
    assert APP in me["addable"]
    for secret, status in zip(secrets, (403, 403, 200), strict=True):
        body = {"verification_token": started(api, person.identifier), "answer": app_code(secret, steps=1)}
        assert api.post("/reset/verify", body).status_code == status


def test_strangers_see_the_same_as_people_with_the_app(stack: Stack, api: Api, person: Known) -> None:
    """Every answer of a whole wrong attempt has the same status, fields and length."""
    session = api.sign_in(person.identifier, PASSWORD)
    add_app(api, session, proof=prove_change(stack, api, session))

    def looks(identifier: str) -> list[Any]:
        start = api.post("/reset/start", {"identifier": identifier})
        body = {"verification_token": start.json()["verification_token"], "method": APP}
        asked = api.post("/reset/challenge", body)
        token, seen = asked.json()["verification_token"], [start, asked]
        for _ in range(7):
            seen.append(api.post("/reset/verify", {"verification_token": token, "answer": "000000"}))
            token = seen[-1].json().get("verification_token", token)
        return [(answer.status_code, sorted(answer.json()), len(answer.content)) for answer in seen]

    assert looks(person.identifier) == looks("nobody.has.this.name")
