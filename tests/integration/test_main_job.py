"""The main job over HTTP, with the real SDKs, a real table and queue store and the stand-in."""

import json

import pytest

from tests.integration.journey import Api, code_to, fresh_contacts, prove
from tests.integration.outcomes import wait_for
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

NEW_PASSWORD = "velours bancal sous la pluie"


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack()


@pytest.fixture(scope="module")
def people(stack: Stack) -> dict[str, str]:
    """Passwords of the demo people by identifier."""
    entries = json.loads((stack.data / "people.json").read_text())
    return {entry["identifier"]: entry["password"] for entry in entries}


def test_a_prefilled_person_registers_and_resets_a_forgotten_password(stack: Stack, people: dict[str, str]) -> None:
    """From an administrator's prefill to a new password, with each step as a person takes it."""

    def texts(to: str) -> list[str]:
        return [message["text"].lower() for message in stack.messages(to=to)]

    api = Api(stack.api)
    email, phone = fresh_contacts()
    administrator = api.sign_in("avery.admin", people["avery.admin"])
    rows = [
        {"identifier": "noor.new", "mobile_phone": phone, "language": "fr"},
        {"identifier": "nobody.at.all", "email": "x@y.example"},
    ]
    verdicts = api.prefill(rows, administrator)
    assert [(v["verdict"], v["code"]) for v in verdicts] == [("prefilled", None), ("refused", "unknown_identifier")]

    token = api.sign_in("noor.new", people["noor.new"])
    me = api.me(token)
    assert [(m["method"], m["contact"], m["state"]) for m in me["methods"]] == [("mobile_phone", phone, "prefilled")]
    assert me["missing"] == ["email", "mobile_phone", "authenticator_app"]
    api.ok("/me/methods/mobile_phone", {}, token)
    proof = api.ok("/me/methods/mobile_phone/confirm", {"answer": code_to(stack, phone)}, token)["proof"]
    api.ok("/me/methods/email", {"contact": email, "proof": proof}, token)
    me = api.ok("/me/methods/email/confirm", {"answer": code_to(stack, email)}, token)
    assert {m["method"]: m["state"] for m in me["methods"]} == {"email": "confirmed", "mobile_phone": "confirmed"}
    assert me["missing"] == []

    reset_token = prove(stack, api, "Noor.New ", {"email": email, "mobile_phone": phone})
    short = api.post("/reset/complete", {"reset_token": reset_token, "new_password": "too short"})
    assert short.status_code == 422
    assert "length" in short.json()["reasons"][0]
    api.ok("/reset/complete", {"reset_token": short.json()["reset_token"], "new_password": NEW_PASSWORD})

    old = api.post("/session", {"identifier": "noor.new", "password": people["noor.new"]})
    assert (old.status_code, old.json()["code"]) == (401, "not_accepted")
    assert api.sign_in("noor.new", NEW_PASSWORD)
    for address in (email, phone):
        wait_for(lambda to=address: any("mot de passe a été modifié" in text for text in texts(to)))
        assert not any(NEW_PASSWORD in text for text in texts(address))
    session_before = api.http.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert session_before.status_code == 401, "the reset ends the sessions that were open"


def test_the_trial_of_the_readme_with_one_gate_and_no_sender_of_texts_ends_in_a_reset(start_stack: StartStack) -> None:
    """An email address is enough, from the registration to the new password."""
    trial = start_stack(environment={"SESAME_SMS_SENDERS": "", "SESAME_POLICY": '{"gates": 1}'})
    api, (email, _) = Api(trial.api), fresh_contacts()
    token = api.sign_in("noor.new", trial.people["noor.new"])
    assert api.me(token)["offered"] == ["email", "authenticator_app"]
    api.ok("/me/methods/email", {"contact": email}, token)
    assert api.ok("/me/methods/email/confirm", {"answer": code_to(trial, email)}, token)["ready"]

    reset_token = prove(trial, api, "noor.new", {"email": email})
    api.ok("/reset/complete", {"reset_token": reset_token, "new_password": NEW_PASSWORD})
    api.sign_in("noor.new", NEW_PASSWORD)
