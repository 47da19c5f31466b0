"""The OpenAPI document and the answers agree: schemathesis makes requests from the one and holds the others against it.

Every check that it has runs on every operation, with requests that fit the document and with requests that do not, as a
stranger, as a signed-in person and as an administrator. Limits are raised, so that they do not answer in place of what
they protect. What the document cannot express is named in `beyond_the_document`, each with its reason.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi import checks

import function_app  # noqa: F401  registers the endpoints that the document describes
from functions._openapi import document
from shared.domain.policy import Policy
from tests.integration.inside import Known, make_person
from tests.integration.journey import Api, prove, prove_change, register
from tests.stack import Stack, StartStack

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

EXAMPLES = 5
"""For each operation and each kind of caller, beside the systematic cases: about a minute in all."""

WITHIN = 20.0  # seconds
PASSWORD = "quatre chevaux dans la brume"
CALLERS = ("stranger", "person", "administrator")


def tried() -> dict[str, Any]:
    """The document, but for the most rows of a prefill, and for what ends everybody's sessions, also this test's.

    Requests of 5,000 rows take a minute to make and to judge; tests/integration/test_bad_input.py tries that bound.
    """
    page = document()
    del page["components"]["schemas"]["PrefillRequest"]["properties"]["rows"]["maxItems"]
    del page["paths"]["/api/v1/admin/people/reregister/many"]
    # A schema has no words for what a file of CSV must have in it (tests/integration/test_import.py).
    prefill = page["paths"]["/api/v1/admin/prefill"]["post"]
    del prefill["requestBody"]["content"]["text/csv"], prefill["parameters"]
    return page


schema = schemathesis.openapi.from_dict(tried())


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    unlimited = {knob.name: knob.metadata["high"] for knob in fields(Policy) if knob.metadata.get("high") == 1_000_000}
    policy = {**unlimited, "sends_per_registration_hour": 100}
    return start_stack(environment={"SESAME_POLICY": json.dumps(policy)})


@pytest.fixture(scope="module")
def headers(stack: Stack) -> Mapping[str, dict[str, str]]:
    """What each caller sends beside the request that the document describes."""
    person = make_person(stack, Known("con.tract", PASSWORD, {"email": "contract@mail.example"}))
    api = Api(stack.api)
    tokens = {
        "person": api.sign_in(person.identifier, person.password),
        "administrator": api.sign_in("avery.admin", stack.people["avery.admin"]),
    }
    return {"stranger": {}, **{who: {"Authorization": f"Bearer {token}"} for who, token in tokens.items()}}


JUDGED_BY_POLICY = {
    "method", "channel", "contact", "label", "credential", "answer", "code", "time_zone", "request", "reason",
    "return_to", "columns", "permission", "attested_by", "create_accounts",
}  # fmt: skip
"""Which methods and channels are offered, what is a contact or an answer, and what a method takes, depends on the
policy and on the method; whether a method is registered or a request waits, on the person. A code can be a message with
it, and a reason can be blank. What an import needs depends on its rows. The names of zones are six hundred, and return
addresses are listed by the operator."""


def beyond_the_document(answer: schemathesis.Response) -> list[schemathesis.CheckFunction]:
    """The checks that this answer breaks for a reason that OpenAPI has no words for."""
    # The Functions host knows a route by its path and verb together: another verb is a route that is not there, and its
    # own empty 404 comes before any code of ours could say 405.
    left_out = [checks.unsupported_method]
    if answer.status_code == 413:  # a limit for the body as a whole; the check expects 400
        left_out.append(checks.negative_data_rejection)
    if answer.status_code == 400:
        problem = answer.json()
        # A schema counts characters and not bytes, and has no words for what is left of a name that was cleaned.
        names = {"identifier", "person", "actor"}
        of_the_name = problem["field"] in names and problem["reason"] in {"too_long", "too_short", "unknown"}
        # A reset ends with a password, an unlock or a pass: one of three optional fields. A time ends after it begins.
        more_than_one = {(name, "not_allowed") for name in ("unlock", "temporary_access_pass", "since")}
        # A reference is read with anything between its letters.
        by_rule = {("new_password", "missing"), ("reference", "malformed"), *more_than_one}
        of_the_rule = (problem["field"], problem["reason"]) in by_rule
        if problem["field"] in JUDGED_BY_POLICY or of_the_name or of_the_rule:
            left_out.append(checks.positive_data_acceptance)
    return left_out


@pytest.mark.parametrize("who", CALLERS)
@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_document_describes(
    case: schemathesis.Case, who: str, stack: Stack, headers: Mapping[str, dict[str, str]]
) -> None:
    """Statuses, content types, headers and bodies; bad input is refused, good input is taken, and no door is open."""
    answer = case.call(base_url=stack.api, headers=headers[who], timeout=WITHIN)
    case.validate_response(answer, headers=headers[who], excluded_checks=beyond_the_document(answer))


def test_the_document_is_the_one_that_is_served(stack: Stack) -> None:
    """What is tested above is what callers read."""
    assert Api(stack.api).http.get("/openapi.json").json() == document()


def held_against_the_document(answer: httpx.Response) -> None:
    """Raise what is wrong with an answer: an undocumented status or content type, or a body of another shape."""
    answer.read()
    path = re.sub(r"/me/methods/\w+", "/me/methods/{method}", answer.request.url.path)
    path = re.sub(r"/prefill/[^/]+", "/prefill/{job}", path)
    operation = schema[path][answer.request.method]
    described = operation.definition.raw["responses"][str(answer.status_code)]
    assert answer.headers["content-type"].split(";")[0] in described["content"]
    operation.validate_response(answer)


def acts_on_a_person(api: Api, name: str, email: str, administrator: str) -> None:
    """Find, reveal, freeze and thaw, over HTTP. A contact is in full in one answer only."""
    asked, why = {"identifier": name.upper()}, {"identifier": name, "reason": "a call"}
    seen = api.post("/admin/people/find", asked, administrator)
    assert email not in seen.text
    assert (seen.json()["identifier"], seen.json()["next_step"]) == (name, "add_method")
    assert seen.json()["advice"].startswith("The person signs in and adds a sign-in method")
    revealed = api.ok("/admin/people/reveal", {**why, "method": "email"}, administrator)
    assert revealed == {"method": "email", "contact": email}
    assert api.ok("/admin/people/freeze", why, administrator) == {"frozen": True}
    assert api.ok("/admin/people/find", asked, administrator)["next_step"] == "thaw"
    assert api.ok("/admin/people/thaw", why, administrator) == {"thawed": True}
    missing = api.post("/admin/people/remove-method", {**why, "method": "office_phone"}, administrator)
    assert (missing.status_code, missing.json()["reason"]) == (400, "not_registered")
    api.prefill([{"identifier": name, "mobile_phone": "+33639981298"}], administrator)
    assert api.ok("/admin/people/remove-method", {**why, "method": "mobile_phone"}, administrator) == {"last": False}
    for act in ("find", "freeze", "thaw", "reveal", "remove-method"):
        body = {**why, "method": "email"} if act in {"reveal", "remove-method"} else asked if act == "find" else why
        assert api.post(f"/admin/people/{act}", {**body, "identifier": "nobody.here"}, administrator).status_code == 404


def test_every_step_of_the_journeys_answers_as_documented(stack: Stack) -> None:
    """What generated requests do not reach, since it needs a code from an inbox: a whole registration and a reset."""
    api = Api(stack.api)
    api.http.event_hooks = {"response": [held_against_the_document]}
    email, phone = "noor@mail.example", "+33639981299"
    administrator = api.sign_in("avery.admin", stack.people["avery.admin"])
    row = {"identifier": "noor.new", "mobile_phone": phone}
    assert api.prefill([row, {"identifier": "nobody"}], administrator)[0]["code"] is None
    register(stack, api, "noor.new", stack.people["noor.new"], email=email, phone=phone)
    token = prove(stack, api, "noor.new", {"email": email, "mobile_phone": phone})
    refused = api.post("/reset/complete", {"reset_token": token, "new_password": "short"})
    assert refused.status_code == 422
    new = "velvet harbour mosaic tundra"
    api.ok("/reset/complete", {"reset_token": refused.json()["reset_token"], "new_password": new})
    own = api.sign_in("noor.new", new)
    changed = {"current_password": new, "new_password": f"{new} again"}
    own = str(api.ok("/me/password", changed, own)["token"])
    assert api.post("/me/methods/mobile_phone/remove", {}, own).status_code == 403
    proof = {"proof": prove_change(stack, api, own)}
    assert api.post("/me/methods/mobile_phone/remove", proof, own).status_code == 200
    assert api.post("/me/reconfirm", {}, own).status_code == 200
    noor = {"identifier": "noor.new", "reason": "first day"}
    for name in ("unblock", "erase", "reregister"):
        assert api.post(f"/admin/people/{name}", noor, own).status_code == 403
    assert api.ok("/admin/people/unblock", noor, administrator) == {"unblocked": False}
    acts_on_a_person(api, "noor.new", email, administrator)
    assert api.ok("/admin/people/reregister", noor, administrator) == {"asked": True}
    stolen = {"identifier": "noor.new", "compromised": True}
    assert api.post("/admin/people/reregister", stolen, administrator).json()["reason"] == "missing"
    stolen["reason"] = "phone and mailbox stolen"
    assert api.ok("/admin/people/reregister", stolen, administrator) == {"asked": True}
    own = api.sign_in("noor.new", f"{new} again")
    assert api.ok("/registration/status", {}, own)["needs_activation"]
    assert api.post("/me/loss", {}, own).json()["code"] == "activation_required"
    assert api.ok("/objection", {"identifier": "noor.new", "code": "00000-00000"}) == {}
    assert api.ok("/admin/people/erase", noor, administrator) == {"erased": True}
    asked = api.ok("/admin/people/activate", noor, administrator)  # a method was there
    assert (asked["state"], asked["code"]) == ("waiting", None)
    approval = api.post("/admin/people/activate/approve", {**noor, "request": asked["request"]}, administrator)
    assert (approval.status_code, approval.json()["reason"]) == (400, "same_administrator")
    assert api.post("/activation", {"identifier": "noor.new", "code": "0000-0000-0000-0000"}).status_code == 403
    assert api.ok("/admin/people/activate/revoke", noor, administrator) == {"revoked": True}
    assert api.http.get("/me", headers={"Authorization": f"Bearer {own}"}).status_code == 401
