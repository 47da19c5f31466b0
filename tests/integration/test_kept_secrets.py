"""Kept secrets over HTTP, on three instances: register, reset, parallel answers, replays, strangers."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from local.stack.environment import page_address
from tests.integration.inside import Known, make_person
from tests.integration.journey import Api, add_app, app_code, code_to, fresh_contacts, prove_change
from tests.integration.test_parallel import GENEROUS, fire
from tests.methods.about_security_questions import answers
from tests.passkeys import Device
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

PASSWORD, NEW = "quatre chevaux dans la brume", "velours bancal sous la pluie"
APP, PASSKEY, SHEET, QUESTIONS = "authenticator_app", "passkey", "recovery_code", "security_questions"
METHODS = ("email", "mobile_phone", APP, PASSKEY, SHEET, QUESTIONS)


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    policy = {**GENEROUS, "starts_per_client_minute": 1000, "new_method_rest_hours": 0, "methods": METHODS}
    return start_stack(instances=3, environment={"SESAME_POLICY": json.dumps(policy)})


@pytest.fixture
def api(stack: Stack) -> Api:
    return Api(stack.api)


@pytest.fixture
def person(stack: Stack) -> Known:
    email, phone = fresh_contacts()
    return make_person(stack, Known(f"app.{email[:8]}", PASSWORD, {"email": email, "mobile_phone": phone}))


@dataclass
class App:
    """An authenticator app, and the code that it shows next."""

    secret: str = ""

    def set_up(self, api: Api, session: str, label: str, proof: str) -> None:
        self.secret = add_app(api, session, label, proof=proof)

    def answer(self, shown: Mapping[str, str], *, steps: int = 1) -> str:
        del shown
        return app_code(self.secret, steps=steps)

    def wrong(self, shown: Mapping[str, str]) -> str:
        del shown
        return "000000"


@dataclass
class Passkey:
    """A passkey that counts its uses, in a browser that shows our page."""

    page: str
    device: Device = field(default_factory=lambda: Device(synced=False))

    def set_up(self, api: Api, session: str, label: str, proof: str) -> None:
        begun = api.ok(f"/me/methods/{PASSKEY}", {"label": label, "proof": proof}, session)["enrolment"]
        answer = self.device.register(begun["options"], origin=self.page)
        api.ok(f"/me/methods/{PASSKEY}/confirm", {"answer": answer}, session)

    def answer(self, shown: Mapping[str, str]) -> str:
        return self.device.answer(shown["options"], origin=self.page)

    def wrong(self, shown: Mapping[str, str]) -> str:
        """Return the valid answer of somebody else."""
        return Device(identifier=b"of somebody else", user=b"x" * 52).answer(shown["options"], origin=self.page)


@dataclass
class Sheet:
    """A sheet of recovery codes, used from the top."""

    codes: list[str] = field(default_factory=list)

    def set_up(self, api: Api, session: str, label: str, proof: str) -> None:
        begun = api.ok(f"/me/methods/{SHEET}", {"label": label, "proof": proof}, session)
        first, *self.codes = begun["enrolment"]["codes"].split("\n")
        api.ok(f"/me/methods/{SHEET}/confirm", {"answer": first}, session)

    def answer(self, shown: Mapping[str, str]) -> str:
        del shown
        return self.codes.pop(0)

    def wrong(self, shown: Mapping[str, str]) -> str:
        del shown
        return "0000-0000-0000-0000"


Held = App | Passkey | Sheet


@pytest.fixture(params=[APP, PASSKEY, SHEET])
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def held(stack: Stack, api: Api, person: Known, method: str) -> Held:
    """What the person has set up."""
    mine: Held = {APP: App, SHEET: Sheet}.get(method, lambda: Passkey(page_address(stack.ports.web)))()
    session = api.sign_in(person.identifier, PASSWORD)
    mine.set_up(api, session, "mine", prove_change(stack, api, session))
    return mine


def asked(api: Api, identifier: str, method: str, token: str = "") -> tuple[str, dict[str, str]]:
    """Return the token after a challenge, and what the page needs to answer it."""
    token = token or str(api.ok("/reset/start", {"identifier": identifier})["verification_token"])
    given = api.ok("/reset/challenge", {"verification_token": token, "method": method})
    return given["verification_token"], given.get("challenge", {})


def listed(me: dict[str, Any], method: str) -> list[tuple[str, str]]:
    """The label and the state of each credential."""
    return sorted((m["label"], m["state"]) for m in me["methods"] if m["method"] == method)


@pytest.mark.parametrize("kept_first", [True, False], ids=["kept secret first", "email first"])
def test_a_password_is_reset_with_a_kept_secret_and_an_email_code(
    stack: Stack, api: Api, person: Known, method: str, held: Held, kept_first: bool
) -> None:
    """In either order; the hints name no contact for it."""
    token, answer = "", {}
    for one in (method, "email") if kept_first else ("email", method):
        token, shown = asked(api, person.identifier, one, token)
        code = held.answer(shown) if one == method else code_to(stack, person.contacts["email"], nth=2)
        answer = api.ok("/reset/verify", {"verification_token": token, "answer": code})
        assert method not in answer.get("hints", {})
        token = answer.get("verification_token", "")
    api.ok("/reset/complete", {"reset_token": answer["reset_token"], "new_password": NEW})
    assert api.sign_in(person.identifier, NEW)


async def test_of_thirty_parallel_equal_answers_one_opens_the_gate(
    stack: Stack, api: Api, person: Known, method: str, held: Held
) -> None:
    """Sent to three instances at once, for six verifications: an answer is spent by the first."""
    bodies = []
    for _ in range(6):
        token, shown = asked(api, person.identifier, method)
        if not bodies or method == APP:
            right = held.answer(shown)
        bodies.append({"verification_token": token, "answer": right})
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
    assert listed(me, APP) == [("blue", "confirmed"), ("green", "confirmed"), ("red", "confirmed")]
    assert APP not in me["addable"]
    full = api.post(f"/me/methods/{APP}", {"proof": proof}, session)
    assert (full.status_code, full.json()["reason"]) == (400, "too_many")

    credentials = {m["label"]: m["credential"] for m in me["methods"]}
    begun = api.ok(f"/me/methods/{APP}", {"label": "new", "credential": credentials["red"], "proof": proof}, session)
    code = app_code(begun["enrolment"]["secret"])
    api.ok(f"/me/methods/{APP}/confirm", {"answer": code}, session)
    me = api.ok(f"/me/methods/{APP}/remove", {"credential": credentials["green"], "proof": proof}, session)
    assert listed(me, APP) == [("blue", "confirmed"), ("new", "confirmed")]
    assert APP in me["addable"]
    for secret, status in zip(secrets, (403, 403, 200), strict=True):
        body = {"verification_token": asked(api, person.identifier, APP)[0], "answer": app_code(secret, steps=1)}
        assert api.post("/reset/verify", body).status_code == status


@pytest.mark.parametrize("method", [PASSKEY])
def test_a_passkey_proves_a_change_and_is_refused_once_it_is_removed(
    stack: Stack, api: Api, person: Known, held: Passkey
) -> None:
    """It proves a second one and its own removal. A page of another site, and a replay, get nothing that works."""
    session = api.sign_in(person.identifier, PASSWORD)
    given = api.ok("/me/proof/challenge", {"method": PASSKEY}, session)
    false_page = held.device.answer(given["challenge"]["options"], origin="https://reset.example.org")
    wrong = api.post("/me/proof", {"proof": given["proof"], "answer": false_page}, session)
    assert (wrong.status_code, wrong.json()["tries_left"]) == (403, 4)
    body = {"proof": wrong.json()["verification_token"], "answer": held.answer(given["challenge"])}
    proof = api.ok("/me/proof", body, session)["proof"]
    assert api.post("/me/proof", body, session).status_code == 403, "replayed"

    another = Passkey(held.page, Device(identifier=b"another"))
    another.set_up(api, session, "another", proof)
    credential = next(m["credential"] for m in api.me(session)["methods"] if m["label"] == "mine")
    me = api.ok(f"/me/methods/{PASSKEY}/remove", {"credential": credential, "proof": proof}, session)
    assert listed(me, PASSKEY) == [("another", "confirmed")]
    for mine, status in ((held, 403), (another, 200)):
        token, shown = asked(api, person.identifier, PASSKEY)
        answer = api.post("/reset/verify", {"verification_token": token, "answer": mine.answer(shown)})
        assert answer.status_code == status


@pytest.mark.parametrize("method", [SHEET])
def test_a_sheet_proves_its_own_replacement_and_removal(stack: Stack, api: Api, person: Known, held: Sheet) -> None:
    """Nobody sees a code again; the page sees how many are left, and the codes of a replaced sheet are refused."""
    session = api.sign_in(person.identifier, PASSWORD)
    asked_for = api.ok("/me/proof/challenge", {"method": SHEET}, session)
    proof = api.ok("/me/proof", {"proof": asked_for["proof"], "answer": held.codes.pop()}, session)["proof"]
    [mine] = [one for one in api.me(session)["methods"] if one["method"] == SHEET]
    assert (mine["left"], mine["state"], mine["contact"]) == (9, "confirmed", "")
    begun = api.ok(f"/me/methods/{SHEET}", {"credential": mine["credential"], "proof": proof}, session)
    first, *codes = begun["enrolment"]["codes"].split("\n")
    api.ok(f"/me/methods/{SHEET}/confirm", {"answer": first}, session)
    for code, status in ((held.codes[0], 403), (codes[0], 200), (codes[0], 403)):
        body = {"verification_token": asked(api, person.identifier, SHEET)[0], "answer": code}
        assert api.post("/reset/verify", body).status_code == status
    [mine] = [one for one in api.me(session)["methods"] if one["method"] == SHEET]
    assert mine["left"] == 9
    asked_for = api.ok("/me/proof/challenge", {"method": SHEET}, session)
    proof = api.ok("/me/proof", {"proof": asked_for["proof"], "answer": codes[1]}, session)["proof"]
    me = api.ok(f"/me/methods/{SHEET}/remove", {"credential": mine["credential"], "proof": proof}, session)
    assert listed(me, SHEET) == []


def test_strangers_see_the_same_as_people_with_a_kept_secret(api: Api, person: Known, method: str, held: Held) -> None:
    """Every answer of a whole wrong attempt has the same status, fields and length."""

    def looks(identifier: str) -> list[Any]:
        start = api.post("/reset/start", {"identifier": identifier})
        body = {"verification_token": start.json()["verification_token"], "method": method}
        given = api.post("/reset/challenge", body)
        token, seen = given.json()["verification_token"], [start, given]
        for _ in range(7):
            wrong = held.wrong(given.json().get("challenge", {}))
            seen.append(api.post("/reset/verify", {"verification_token": token, "answer": wrong}))
            token = seen[-1].json().get("verification_token", token)
        return [(answer.status_code, sorted(answer.json()), len(answer.content)) for answer in seen]

    assert looks(person.identifier) == looks("nobody.has.this.name")


async def test_questions_are_answered_behind_a_code_and_of_parallel_answers_one_passes(
    stack: Stack, api: Api, person: Known
) -> None:
    """Sent to three instances, for three verifications. A bad answer is refused with its question."""
    session, email = api.sign_in(person.identifier, PASSWORD), person.contacts["email"]
    begun = api.ok(f"/me/methods/{QUESTIONS}", {"proof": prove_change(stack, api, session)}, session)["enrolment"]
    given = answers(begun["questions"], int(begun["count"]))
    question = next(iter(given))
    for language, said in (("en", "Many people"), ("fr", "Beaucoup de gens")):
        headers = {"Authorization": f"Bearer {session}", "Accept-Language": language}
        answer = {"answer": json.dumps({**given, question: "Je ne sais pas\u00a0!"})}
        refused = api.http.post(f"/me/methods/{QUESTIONS}/confirm", json=answer, headers=headers)
        problem = refused.json()
        assert (refused.status_code, problem["field"], problem["reason"]) == (400, f"answer.{question}", "too_common")
        assert problem["detail"].startswith(said)
    api.ok(f"/me/methods/{QUESTIONS}/confirm", {"answer": json.dumps(given)}, session)

    bodies: list[dict[str, str]] = []
    for nth in range(2, 5):
        token, _ = asked(api, person.identifier, "email")
        body = {"verification_token": token, "answer": code_to(stack, email, nth=nth)}
        token, shown = asked(api, "", QUESTIONS, api.ok("/reset/verify", body)["verification_token"])
        wanted = {one["id"]: given[one["id"]].upper() for one in json.loads(shown["questions"])}
        bodies.append({"verification_token": token, "answer": json.dumps(wanted)})
    assert len({body["answer"] for body in bodies}) == 1, "the draw is the same until a right answer"
    told: list[httpx.Response] = await fire(stack, "/reset/verify", bodies * 3)
    assert Counter(answer.status_code for answer in told)[200] == 1
    assert {answer.status_code for answer in told} <= {200, 403, 503}
    granted = next(answer for answer in told if answer.status_code == 200).json()["reset_token"]
    api.ok("/reset/complete", {"reset_token": granted, "new_password": NEW})
    assert api.sign_in(person.identifier, NEW)
