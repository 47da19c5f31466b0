"""Counters and single use hold for parallel requests over three instances on one store (rules 3 and 11)."""

import asyncio
import json
from collections import Counter

import httpx
import pytest
from azure.data.tables import TableClient

from shared.domain.person import Person
from shared.validation.records import decode
from tests.integration.journey import Api, challenge, code_to, prove
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

CONTACTS = {"email": "camille@mail.example", "mobile_phone": "+33639980001"}
GENEROUS = {
    "requests_at_once": 1000,
    "hashes_at_once": 64,
    "verify_failures_per_client_5min": 100_000,
    "verify_failures_per_client_hour": 100_000,
    "starts_per_name_and_client_hour": 1000,
    "starts_per_name_hour": 1000,
    "starts_per_name_day": 1000,
    "failures_per_method_day": 20,
    "sends_per_destination_10min": 20,
    "sends_per_destination_hour": 20,
    "sends_per_destination_day": 20,
}
TRIES = 5


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack(instances=3, environment={"SESAME_POLICY": json.dumps(GENEROUS)})


async def fire(stack: Stack, path: str, bodies: list[dict[str, str]]) -> list[httpx.Response]:
    """Send all at once, distributed over the instances."""
    limits = httpx.Limits(max_connections=400, max_keepalive_connections=400)
    async with httpx.AsyncClient(timeout=60, limits=limits) as http:
        return await asyncio.gather(
            *(http.post(f"{stack.instances[number % 3]}/api/v1{path}", json=body) for number, body in enumerate(bodies))
        )


def tries_on_row(stack: Stack, send: int = 1) -> list[int]:
    """Return the wrong answers counted on every attempt of every row of the store, newest attempt last."""
    with TableClient.from_connection_string(stack.storage_connection, "People") as table:
        rows = [decode(Person, entity["body"]) for entity in table.list_entities()]
    attempts = sorted((attempt for row in rows for attempt in row.attempts), key=lambda attempt: attempt.leaves_at)
    return [attempt.tries for attempt in attempts]


def begun(stack: Stack, api: Api, method: str = "email") -> tuple[str, str]:
    """Return the token and the code of a challenge whose code has arrived."""
    contact = CONTACTS[method]
    before = len(stack.messages(to=contact))
    token = challenge(api, api.ok("/reset/start", {"identifier": "camille.ready"})["verification_token"], method)
    stack.wait_for_messages(before + 1, to=contact)
    return token, code_to(stack, contact, nth=before + 1)


async def test_two_hundred_parallel_wrong_answers_use_exactly_the_allowed_attempts(stack: Stack) -> None:
    """Five are counted. Then even the right code is refused."""
    api = Api(stack.api)
    token, code = begun(stack, api)
    wrong = f"{(int(code.replace('-', '')) + 1) % 10**8:08d}"
    answers = await fire(stack, "/reset/verify", [{"verification_token": token, "answer": wrong}] * 200)
    told = Counter((answer.status_code, answer.json()["code"]) for answer in answers)
    assert set(told) <= {(403, "not_accepted"), (429, "limited")}
    assert tries_on_row(stack)[-1] == TRIES
    late = api.post("/reset/verify", {"verification_token": token, "answer": code})
    assert (late.status_code, late.json()["code"]) == (403, "not_accepted")


async def test_the_right_answer_is_accepted_after_four_parallel_wrong_ones(stack: Stack) -> None:
    """One attempt is left."""
    api = Api(stack.api)
    token, code = begun(stack, api)
    answers = await fire(stack, "/reset/verify", [{"verification_token": token, "answer": "00000000"}] * (TRIES - 1))
    assert {answer.status_code for answer in answers} <= {403, 429}, "a lost race for the client's counter is a 429"
    assert api.ok("/reset/verify", {"verification_token": token, "answer": code})["methods"] == ["mobile_phone"]


async def test_thirty_parallel_right_answers_succeed_once(stack: Stack) -> None:
    """A code works once, even if it arrives thirty times at the same moment."""
    token, code = begun(stack, Api(stack.api))
    answers = await fire(stack, "/reset/verify", [{"verification_token": token, "answer": code}] * 30)
    assert Counter(answer.status_code for answer in answers)[200] == 1
    assert {a.json()["code"] for a in answers if a.status_code != 200} <= {"not_accepted", "limited"}


async def test_of_thirty_parallel_completions_one_sets_its_password(stack: Stack) -> None:
    """The password that signs in is the one whose caller got the success."""
    api = Api(stack.api)
    token = prove(stack, api, "camille.ready", CONTACTS)
    passwords = [f"a quiet harbour {number:02d} at noon" for number in range(30)]
    answers = await fire(stack, "/reset/complete", [{"reset_token": token, "new_password": p} for p in passwords])
    winners = [p for p, answer in zip(passwords, answers, strict=True) if answer.status_code == 200]
    assert len(winners) == 1, Counter((a.status_code, a.text[:80]) for a in answers)
    assert api.sign_in("camille.ready", winners[0])
    notices = stack.wait_for_messages(to=CONTACTS["email"], count=1)
    assert notices
