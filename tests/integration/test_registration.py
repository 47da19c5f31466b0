"""Registration over HTTP: begin, confirm, prefill, sessions and rests (rules 12 and 13, R-63 and R-65)."""

import itertools
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from shared.domain.session import Session
from shared.ports.tokens import TokenPurpose
from tests.integration.inside import Known, make_person, retold
from tests.integration.journey import Api, code_to, fresh_contacts, prove_change
from tests.integration.outcomes import codes_to
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

PASSWORD = "quatre chevaux dans la brume"


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack(
        environment={"SESAME_POLICY": json.dumps({"sends_per_registration_hour": 6, "sends_per_prefix_hour": 1000})}
    )


@pytest.fixture(scope="module")
def api(stack: Stack) -> Api:
    return Api(stack.api)


_numbers = itertools.count()


def somebody(stack: Stack, contacts: Mapping[str, str] | None = None) -> Known:
    return make_person(stack, Known(f"registrant.{next(_numbers)}", PASSWORD, contacts or {}))


@pytest.fixture
def newcomer(stack: Stack) -> Known:
    """An account that registered nothing."""
    return somebody(stack)


@pytest.fixture
def registered(stack: Stack) -> Known:
    """An account with an email address and a phone, confirmed a month ago."""
    email, phone = fresh_contacts()
    return somebody(stack, {"email": email, "mobile_phone": phone})


def signed_in(api: Api, known: Known) -> str:
    return api.sign_in(known.identifier, known.password)


def bind(stack: Stack, api: Api, token: str, method: str, contact: str) -> dict[str, object]:
    """Begin and confirm; return the view of the registration."""
    before = len(codes_to(stack, contact))
    confirmed = [mine["method"] for mine in api.me(token)["methods"] if mine["state"] == "confirmed"]
    proof = {"proof": prove_change(stack, api, token, confirmed[0])} if confirmed else {}
    api.ok(f"/me/methods/{method}", {"contact": contact, **proof}, token)
    return api.ok(f"/me/methods/{method}/confirm", {"answer": code_to(stack, contact, nth=before + 1)}, token)


def states(me: Mapping[str, object]) -> dict[str, tuple[str, str]]:
    methods = me["methods"]
    assert isinstance(methods, list)
    return {m["method"]: (m["contact"], m["state"]) for m in methods}


def test_a_contact_counts_only_after_its_code_was_entered(stack: Stack, api: Api, newcomer: Known) -> None:
    """M2-M8: pending, then confirmed. The response lists what is missing until every gate can be passed."""
    token, (email, phone) = signed_in(api, newcomer), fresh_contacts()
    assert api.me(token)["missing"] == ["email", "mobile_phone", "authenticator_app"]
    begun = api.ok("/me/methods/email", {"contact": email}, token)
    assert (begun["method"], begun["channel"], begun["wait"]) == ("email", "email", 60)
    assert states(api.me(token)) == {"email": (email, "pending")}
    wrong = api.post("/me/methods/email/confirm", {"answer": "0000 0000"}, token)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "not_accepted")
    me = api.ok("/me/methods/email/confirm", {"answer": f" {code_to(stack, email)} "}, token)
    assert (states(me), me["missing"]) == ({"email": (email, "confirmed")}, ["mobile_phone", "authenticator_app"])
    me = bind(stack, api, token, "mobile_phone", phone)
    assert (states(me)["mobile_phone"], me["missing"]) == ((phone, "confirmed"), [])
    status = api.http.get("/registration/status", headers={"Authorization": f"Bearer {token}"})
    assert (status.json()["status"], status.json()["required"]) == ("fine", False)


def test_a_prefilled_contact_can_be_corrected_and_a_confirmed_one_not_overwritten(
    stack: Stack, api: Api, newcomer: Known
) -> None:
    """R-65: a prefilled contact waits for its owner. An administrator cannot change what the owner confirmed."""
    people = {p["identifier"]: p["password"] for p in json.loads((stack.data / "people.json").read_text())}
    administrator = api.sign_in("avery.admin", people["avery.admin"])
    token, (email, phone), (other_email, other_phone) = signed_in(api, newcomer), fresh_contacts(), fresh_contacts()

    def prefill(**contacts: str) -> tuple[str, str | None]:
        rows = [{"identifier": newcomer.identifier, **contacts}]
        [verdict] = api.prefill(rows, administrator)
        return verdict["verdict"], verdict["code"]

    assert prefill(email=email, mobile_phone=phone) == ("prefilled", None)
    assert prefill(email=email) == ("unchanged", None)
    assert states(api.me(token)) == {"email": (email, "prefilled"), "mobile_phone": (phone, "prefilled")}
    assert api.me(token)["missing"] == ["email", "mobile_phone", "authenticator_app"], "unconfirmed data proves nothing"
    api.ok("/me/methods/mobile_phone", {}, token)
    api.ok("/me/methods/mobile_phone/confirm", {"answer": code_to(stack, phone)}, token)
    bind(stack, api, token, "email", other_email)
    assert prefill(mobile_phone=other_phone, email=email) == ("refused", "confirmed_by_person")
    expected = {"email": (other_email, "confirmed"), "mobile_phone": (phone, "confirmed")}
    assert states(api.me(token)) == expected
    own = api.post(
        "/admin/prefill", {"rows": [{"identifier": newcomer.identifier, "email": email}], "reason": "a"}, token
    )
    assert (own.status_code, own.json()["code"]) == (403, "not_allowed")
    assert states(api.me(token)) == expected


def test_a_session_ends_when_it_expires_or_the_password_changes(stack: Stack, api: Api, registered: Known) -> None:
    """Rule 12: a session is bound to the password. A change ends all other sessions, and the new one continues."""
    first, second = signed_in(api, registered), signed_in(api, registered)
    expired = retold(stack, TokenPurpose.SESSION, first, Session, lambda s: replace(s, expires_at=s.issued_at))
    assert api.http.get("/me", headers={"Authorization": f"Bearer {expired}"}).status_code == 401
    change = {"current_password": PASSWORD, "new_password": "velours bancal sous la pluie"}
    fresh = str(api.ok("/me/password", change, first)["token"])
    for token, status in ((first, 401), (second, 401), (fresh, 200)):
        assert api.http.get("/me", headers={"Authorization": f"Bearer {token}"}).status_code == status
    for address in registered.contacts.values():
        assert len(stack.wait_for_messages(1, to=address)) == 1


@pytest.mark.parametrize("_attempt", range(3))
def test_two_methods_registered_in_parallel_are_both_kept(
    stack: Stack, api: Api, newcomer: Known, _attempt: int
) -> None:
    """Rule 13, R-92: parallel begins and confirmations of different methods lose nothing, and each gets its notice."""
    token, (email, phone) = signed_in(api, newcomer), fresh_contacts()
    contacts = {"email": email, "mobile_phone": phone}
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda m: api.ok(f"/me/methods/{m}", {"contact": contacts[m]}, token), contacts))
        answers = {method: {"answer": code_to(stack, contact)} for method, contact in contacts.items()}
        list(threads.map(lambda m: api.ok(f"/me/methods/{m}/confirm", answers[m], token), contacts))
    assert states(api.me(token)) == {name: (text, "confirmed") for name, text in contacts.items()}
    for address in contacts.values():
        stack.wait_for_messages(2, to=address)
