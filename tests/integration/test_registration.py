"""Registration over HTTP: begin, confirm, change, remove, and the notices (rules 12 and 13, R-50, R-62 to R-65).

Long: one stack runs all of it.
"""

import datetime as dt
import itertools
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from shared.domain.session import Session
from shared.ports.tokens import TokenPurpose
from tests.integration.inside import Known, make_person, retold, row_of
from tests.integration.journey import Api, code_to, fresh_contacts, prove
from tests.integration.outcomes import codes_to
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

PASSWORD = "quatre chevaux dans la brume"


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack(environment={"SESAME_POLICY": json.dumps({"sends_per_registration_hour": 6})})


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
    api.ok(f"/me/methods/{method}", {"contact": contact}, token)
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
    assert status.json() == {"status": "fine"}


@pytest.mark.parametrize("method", ["email", "mobile_phone"], ids=["same method", "another method"])
def test_a_used_registration_code_is_refused(stack: Stack, api: Api, newcomer: Known, method: str) -> None:
    """R-12: for its own method and for another one, with the same answer."""
    token, (email, _) = signed_in(api, newcomer), fresh_contacts()
    bind(stack, api, token, "email", email)
    answer = api.post(f"/me/methods/{method}/confirm", {"answer": code_to(stack, email)}, token)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_accepted")


def test_a_second_registration_code_can_be_requested_only_after_the_wait(
    stack: Stack, api: Api, newcomer: Known
) -> None:
    """The same contact again: 429 with the wait. Another contact starts over, up to a limit."""
    token = signed_in(api, newcomer)
    addresses = [fresh_contacts()[0] for _ in range(5)]
    api.ok("/me/methods/email", {"contact": addresses[0]}, token)
    first_code = code_to(stack, addresses[0])
    again = api.post("/me/methods/email", {"contact": addresses[0].upper()}, token)
    assert (again.status_code, again.json()["code"]) == (429, "limited")
    assert 1 <= again.json()["retry_after"] == int(again.headers["retry-after"]) <= 61
    for address in addresses[1:]:
        api.ok("/me/methods/email", {"contact": address}, token)
    over = api.post("/me/methods/email", {"contact": fresh_contacts()[0]}, token)
    assert (over.status_code, over.json()["code"]) == (429, "limited")
    assert 60 < over.json()["retry_after"] <= 3600
    stale = api.post("/me/methods/email/confirm", {"answer": first_code}, token)
    assert stale.status_code == 403, "the address that was replaced takes its code with it"


def test_a_prefilled_contact_can_be_corrected_and_a_confirmed_one_not_overwritten(
    stack: Stack, api: Api, newcomer: Known
) -> None:
    """R-65: a prefilled contact waits for its owner. An administrator cannot change what the owner confirmed."""
    people = {p["identifier"]: p["password"] for p in json.loads((stack.data / "people.json").read_text())}
    administrator = api.sign_in("avery.admin", people["avery.admin"])
    token, (email, phone), (other_email, other_phone) = signed_in(api, newcomer), fresh_contacts(), fresh_contacts()

    def prefill(**contacts: str) -> tuple[str, str | None]:
        rows = [{"identifier": newcomer.identifier, **contacts}]
        [verdict] = api.ok("/admin/prefill", {"rows": rows}, administrator)["verdicts"]
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
    own = api.post("/admin/prefill", {"rows": [{"identifier": newcomer.identifier, "email": email}]}, token)
    assert (own.status_code, own.json()["code"]) == (403, "not_allowed")
    assert states(api.me(token)) == expected


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/me/methods/email", {"contact": "late@mail.example"}),
        ("/me/methods/email/confirm", {"answer": "1234 5678"}),
        ("/me/methods/email/remove", {}),
        ("/me/reconfirm", {}),
    ],
    ids=["change", "confirm", "remove", "reconfirm"],
)
def test_a_sign_in_of_ten_minutes_ago_can_read_and_not_change(
    stack: Stack, api: Api, registered: Known, path: str, body: dict[str, str]
) -> None:
    """R-62: reading is allowed for the whole session, changing a method only shortly after the sign-in."""
    token = signed_in(api, registered)
    old = retold(stack, TokenPurpose.SESSION, token, Session, lambda s: replace(s, issued_at=s.issued_at - TEN_MINUTES))
    assert states(api.me(old)) == states(api.me(token))
    answer = api.post(path, body, old)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_again")
    assert states(api.me(token)) == {name: (text, "confirmed") for name, text in registered.contacts.items()}


TEN_MINUTES = dt.timedelta(seconds=600)


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


def test_changing_a_method_notifies_the_old_the_new_and_the_other_address(
    stack: Stack, api: Api, registered: Known
) -> None:
    """R-50, R-64: an attacker who replaces a method cannot prevent a notice to the old address."""
    token, (new_email, _) = signed_in(api, registered), fresh_contacts()
    me = bind(stack, api, token, "email", new_email)
    assert states(me)["email"] == (new_email, "confirmed")
    stack.wait_for_messages(2, to=new_email)
    for address in registered.contacts.values():
        [notice] = stack.wait_for_messages(1, to=address)
        assert new_email not in notice["text"], "the notice does not hand the new address on"
    assert len(row_of(stack, registered.account).removed) == 1


def test_removing_a_method_notifies_the_removed_address_for_a_month(stack: Stack, api: Api, registered: Known) -> None:
    """R-64: the removed phone gets the notice of its removal, and notices of later changes."""
    token, (email, phone) = signed_in(api, registered), registered.contacts.values()
    me = api.ok("/me/methods/mobile_phone/remove", {}, token)
    assert (states(me), me["missing"]) == ({"email": (email, "confirmed")}, ["mobile_phone", "authenticator_app"])
    for address in (email, phone):
        stack.wait_for_messages(1, to=address)
    again = api.post("/me/methods/mobile_phone/remove", {}, token)
    assert (again.status_code, again.json()["reason"]) == (400, "not_registered")
    change = {"current_password": PASSWORD, "new_password": "velours bancal sous la pluie"}
    api.ok("/me/password", change, token)
    for address in (email, phone):
        assert len(stack.wait_for_messages(2, to=address)) == 2


def test_changing_a_method_ends_verifications_under_way(stack: Stack, api: Api, registered: Known) -> None:
    """Rule 12: it draws a new account version, which invalidates every open verification."""
    email = registered.contacts["email"]
    started = str(api.ok("/reset/start", {"identifier": registered.identifier})["verification_token"])
    asked = api.ok("/reset/challenge", {"verification_token": started, "method": "email"})["verification_token"]
    code = code_to(stack, email)
    api.ok("/me/methods/mobile_phone/remove", {}, signed_in(api, registered))
    answer = api.post("/reset/verify", {"verification_token": asked, "answer": code})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_accepted")


def test_a_new_method_cannot_be_used_for_a_day_if_older_ones_are_enough(
    stack: Stack, api: Api, registered: Known
) -> None:
    """R-63: a thief in the session cannot add a phone and reset with it. A newcomer's first methods count at once."""
    token, (new_email, _) = signed_in(api, registered), fresh_contacts()
    api.ok("/me/methods/email/remove", {}, token)
    me = bind(stack, api, token, "email", new_email)
    assert {m["method"]: m["usable_from"] for m in me["methods"]} == {"email": None, "mobile_phone": None}
    assert prove(
        stack, api, registered.identifier, {"mobile_phone": registered.contacts["mobile_phone"], "email": new_email}
    )


def test_with_one_gate_a_second_method_cannot_be_used_for_a_day(start_stack: StartStack) -> None:
    """R-63 with one gate: the older method is enough, so the response says from when the new one can be used."""
    stack = start_stack(environment={"SESAME_POLICY": json.dumps({"gates": 1})})
    api, (email, phone) = Api(stack.api), fresh_contacts()
    known = somebody(stack, {"email": email})
    me = bind(stack, api, signed_in(api, known), "mobile_phone", phone)
    resting = {m["method"]: m["usable_from"] for m in me["methods"]}
    assert resting["email"] is None
    rest = dt.datetime.fromisoformat(resting["mobile_phone"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(hours=23, minutes=58) < rest <= dt.timedelta(hours=24)
    started = str(api.ok("/reset/start", {"identifier": known.identifier})["verification_token"])
    api.ok("/reset/challenge", {"verification_token": started, "method": "mobile_phone"})
    assert prove(stack, api, known.identifier, {"email": email})
    assert len(codes_to(stack, phone)) == 1, "only the code of its registration: a resting method is sent none"


@pytest.mark.parametrize(
    ("method", "contact"),
    [
        ("email", "not an address"), ("email", "a@b@c.example"), ("email", "a@localhost"),
        ("email", "a@mail.example, b@x.example"),
        ("email", "a\r\nBcc: b@x.example@mail.example"), ("email", "+33639980001"), ("mobile_phone", "112"),
        ("mobile_phone", "+33899000000"), ("mobile_phone", "+882161234567"), ("mobile_phone", "a@mail.example"),
        ("mobile_phone", "+33639980001;ext=5"),
    ],
)  # fmt: skip
def test_a_contact_that_must_not_get_messages_is_refused(stack: Stack, api: Api, method: str, contact: str) -> None:
    """R-19, R-73, A-18: two addresses in one, header breaks, premium-rate and foreign numbers are bad input."""
    token = refused_contacts_token(stack, api)
    answer = api.post(f"/me/methods/{method}", {"contact": contact}, token)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "bad_input", "contact")


_tokens: dict[str, str] = {}


def refused_contacts_token(stack: Stack, api: Api) -> str:
    """One session for all cases: each is refused before anything is counted."""
    if stack.api not in _tokens:
        _tokens[stack.api] = signed_in(api, somebody(stack))
    return _tokens[stack.api]
