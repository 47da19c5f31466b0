"""Limits over HTTP as the policy defines them: by name, client, destination and session (rules 10, 15 and 18)."""

import datetime as dt
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from shared.domain.errors import BotCheckRequired
from shared.domain.trail import Tag
from shared.domain.verification import Verification
from shared.ports.tokens import TokenPurpose
from tests.builders import solved
from tests.integration.inside import Known, make_person, retold
from tests.integration.journey import Api, challenge, code_to, fresh_contacts, prove
from tests.integration.outcomes import causes, codes_to, wait_for
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

PASSWORD = "quatre chevaux dans la brume"


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    """The default policy and two instances. The address that the front end sees identifies a client."""
    return start_stack(instances=2, environment={"SESAME_TRUSTED_HOPS": "1"})


_sources = (f"127.0.{high}.{low}" for high in range(1, 255) for low in range(1, 255))
_numbers = itertools.count()


def client(stack: Stack, instance: int = 1) -> Api:
    """Return a caller with a new address."""
    return Api(stack.instances[instance - 1], source=next(_sources))


def somebody(stack: Stack) -> Known:
    email, phone = fresh_contacts()
    contacts = {"email": email, "mobile_phone": phone}
    return make_person(stack, Known(f"limited.{next(_numbers)}", PASSWORD, contacts))


@pytest.fixture
def person(stack: Stack) -> Known:
    return somebody(stack)


def start(api: Api, identifier: str) -> httpx.Response:
    return api.post("/reset/start", {"identifier": identifier})


def assert_limited(answer: httpx.Response, at_most: int) -> None:
    """Check a 429 problem document that has the same wait in the body and in the header."""
    assert (answer.status_code, answer.headers["content-type"]) == (429, "application/problem+json"), answer.text
    problem = answer.json()
    assert problem["code"] == "limited"
    assert 1 <= problem["retry_after"] == int(answer.headers["retry-after"]) <= at_most


def assert_checked(answer: httpx.Response) -> None:
    """Check that the bot check is asked for."""
    assert (answer.status_code, answer.json()["code"]) == (403, "bot_check_required"), answer.text
    assert answer.json()["bot_check"]["parameters"]["algorithm"] == "ARGON2ID"


@pytest.mark.parametrize("is_known", [True, False], ids=["known name", "unknown name"])
def test_a_client_can_start_five_verifications_an_hour_for_one_name(
    stack: Stack, person: Known, is_known: bool
) -> None:
    """Any spelling of the name counts, known or unknown. The sixth needs the bot check, and another client does not."""
    name = person.identifier if is_known else "nobody.at.all"
    api = client(stack)
    written = (name, name.upper(), f" {name} ", f"{name}\u3000", name.capitalize())
    assert [start(api, text).status_code for text in written] == [200] * 5
    assert_checked(start(api, name))
    assert_checked(start(Api(stack.instances[1], source=api.source), name))
    assert start(client(stack), name).status_code == 200


def test_the_start_limit_is_exact_for_parallel_requests(stack: Stack, person: Known) -> None:
    """Rule 15: of thirty starts at once through two instances, at most five pass."""
    first = client(stack)
    apis = (first, Api(stack.instances[1], source=first.source))
    with ThreadPoolExecutor(15) as threads:
        answers = list(threads.map(lambda n: start(apis[n % 2], person.identifier), range(30)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {200, 403, 429}
    passed = statuses.count(200)
    assert passed <= 5
    assert [start(apis[0], person.identifier).status_code for _ in range(6)].count(200) == 5 - passed


def test_ten_wrong_answers_close_neither_the_address_nor_a_right_answer(stack: Stack, person: Known) -> None:
    """The next start for that name needs the bot check. The person behind the same address resets as before (R-74)."""
    office, other = client(stack), somebody(stack)
    hers = challenge(office, start(office, other.identifier).json()["verification_token"], "email")
    for _ in range(2):
        token = challenge(office, start(office, other.identifier).json()["verification_token"], "mobile_phone")
        body = {"verification_token": token, "answer": "00000000"}
        assert [office.post("/reset/verify", body).status_code for _ in range(5)] == [403] * 5
    assert_checked(start(office, other.identifier))
    right = {"verification_token": hers, "answer": code_to(stack, other.contacts["email"])}
    assert office.ok("/reset/verify", right)["methods"] == ["mobile_phone"]
    assert prove(stack, office, person.identifier, dict(person.contacts))


@pytest.mark.parametrize("is_known", [True, False], ids=["known name", "unknown name"])
def test_a_name_and_client_need_the_bot_check_after_five_failed_sign_ins_in_fifteen_minutes(
    stack: Stack, person: Known, is_known: bool
) -> None:
    """Rule 18: the sixth is not judged, even the right one. With the check it is, and at another address too."""
    name, attacker = person.identifier if is_known else "nobody.at.all", client(stack)
    guesses = [attacker.post("/session", {"identifier": name, "password": f"guess {n}"}) for n in range(5)]
    assert {(answer.status_code, answer.json()["code"]) for answer in guesses} == {(401, "not_accepted")}
    asked = attacker.post("/session", {"identifier": name, "password": PASSWORD})
    assert_checked(asked)
    solution = solved(BotCheckRequired(asked.json()["bot_check"]))
    answer = attacker.post("/session", {"identifier": name, "password": PASSWORD, "bot_check": solution})
    assert answer.status_code == (200 if is_known else 401)
    assert client(stack).sign_in(person.identifier, PASSWORD)


def aged(stack: Stack, token: str, seconds: int) -> str:
    """Return the same verification with its sends moved back in time."""
    earlier = dt.timedelta(seconds=seconds)

    def change(verification: Verification) -> Verification:
        return replace(verification, sends=tuple(replace(sent, at=sent.at - earlier) for sent in verification.sends))

    return retold(stack, TokenPurpose.VERIFICATION, token, Verification, change)


@pytest.mark.parametrize("is_known", [True, False], ids=["known name", "unknown name"])
def test_the_wait_between_codes_doubles_and_a_gate_has_three_codes(stack: Stack, person: Known, is_known: bool) -> None:
    """60 s, then 120 s. The token alone decides, so unknown names behave in the same way."""
    api = client(stack)
    token = start(api, person.identifier if is_known else "nobody.waits").json()["verification_token"]
    for wait in (60, 120, 240):
        answer = api.ok("/reset/challenge", {"verification_token": token, "method": "email"})
        assert answer["wait"] == wait
        token = str(answer["verification_token"])
        again = {"verification_token": token, "method": "email"}
        assert_limited(api.post("/reset/challenge", again), 1 + wait if wait < 240 else 900)
        early = {"verification_token": aged(stack, token, wait - 3), "method": "email"}
        assert_limited(api.post("/reset/challenge", early), 4 if wait < 240 else 900)
        token = aged(stack, token, wait)
    assert_limited(api.post("/reset/challenge", {"verification_token": token, "method": "email"}), 900)
    other = api.post("/reset/challenge", {"verification_token": token, "method": "mobile_phone"})
    assert_limited(other, 900)
    if is_known:
        wait_for(lambda: len(codes_to(stack, person.contacts["email"])) == 3)
        last = {"verification_token": token, "answer": code_to(stack, person.contacts["email"], nth=3)}
        first = {**last, "answer": code_to(stack, person.contacts["email"])}
        assert api.post("/reset/verify", first).status_code == 403, "a resend kills the code before it (R-18)"
        assert api.post("/reset/verify", last).status_code == 200


def test_codes_to_one_destination_are_counted_over_all_accounts(stack: Stack) -> None:
    """Over all methods too: many accounts cannot flood one number (A-26)."""
    _, phone = fresh_contacts()
    for number in range(1, 5):
        known = make_person(stack, Known(f"crowd.{next(_numbers)}", PASSWORD))
        api = client(stack)
        api.ok("/me/methods/mobile_phone", {"contact": phone}, api.sign_in(known.identifier, PASSWORD))
        wait_for(lambda k=known: causes(stack, Tag.CODE_DELIVERED, k.account))
        assert len(codes_to(stack, phone)) == min(number, 3)


def test_a_lower_limit_in_the_policy_applies(start_stack: StartStack) -> None:
    """R-70: the settings of the policy are the limits."""
    stack = start_stack(environment={"SESAME_POLICY": json.dumps({"starts_per_name_and_client_hour": 1})})
    api = Api(stack.api)
    assert start(api, "once").status_code == 200
    assert_checked(start(api, "once"))
