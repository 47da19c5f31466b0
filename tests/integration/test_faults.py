"""Kills, lost responses and lost services at exact points: nothing is lost or done twice, and notices arrive.

Azurite is the store. Here its network is cut; it is never killed. Long: one stack runs all of it. The kills come first.
While their notices are delayed (20 s), the other faults are tested.
"""

import datetime as dt
import itertools
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from local.strict_store.errors import OPERATION_TIMED_OUT, ServiceError
from local.strict_store.interruptions import LOST, Lost, Moment
from local.strict_store.proxy import Proxy
from local.strict_store.store import StrictStore
from local.strict_store.wire import Request
from shared.domain.trail import Tag
from shared.messages import render
from tests.integration.inside import Known, counted_methods, make_people, make_person, row_of
from tests.integration.journey import CODE, Api, challenge, code_to, fresh_contacts, prove, without_reference
from tests.integration.kill_rounds import (
    NEW,
    OLD,
    STANDIN,
    VICTIMS,
    Caught,
    Point,
    Rounds,
    cast,
    new_address,
)
from tests.integration.moments import confirms, counts_try, finishes, passes_gate, reserves, sends_to, sets_password
from tests.integration.outcomes import (
    can_sign_in,
    causes,
    codes_to,
    put_into_outbox,
    queued_text,
    wait_for,
)
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

LEASE = 3.0
TOLD_WITHIN = dt.timedelta(seconds=60)


@pytest.fixture(scope="module")
def stack(store: StrictStore, provider: Proxy, start_stack: StartStack) -> Stack:
    limits = ("starts_per_client_minute", "verify_failures_per_client_5min", "sends_per_prefix_hour")
    generous = json.dumps(dict.fromkeys(limits, 1000))
    environment = {"SESAME_ACS_ENDPOINT": f"http://127.0.0.1:{provider.port}", "SESAME_POLICY": generous}
    stack = start_stack(environment=environment, storage=store.connection, lease=LEASE)
    provider.upstream.port = stack.ports.inbox
    return stack


@pytest.fixture(scope="module")
def caught(stack: Stack, store: StrictStore, provider: Proxy) -> Mapping[tuple[str, Point], Caught]:
    """The three kills are done, the parts run again, and the delayed messages are still to come."""
    people = cast()
    made = dict(zip(people, make_people(stack, *people.values()), strict=True))
    return Rounds(stack, store, provider).run(made)


@pytest.fixture(scope="module")
def unsure(stack: Stack, store: StrictStore, caught: object) -> tuple[Known, str, httpx.Response]:
    """A completion that lost the store after its reservation: the person, the token and the answer."""
    known, api = somebody(stack), Api(stack.api)
    reset_token = prove(stack, api, known.identifier, dict(known.contacts))
    with store.tables.hold(sets_password(known), Moment.BEFORE) as held, ThreadPoolExecutor(1) as thread:
        completing = thread.submit(api.post, "/reset/complete", {"reset_token": reset_token, "new_password": NEW})
        held.wait()
        with store.tables.cut():
            held.drop()
            answer = completing.result()
    return known, reset_token, answer


@pytest.fixture(scope="module")
def hard_to_reach(stack: Stack, caught: object) -> list[Known]:
    """Three people whose password was changed, and whose provider failed in three ways at the time of the notice."""
    api, people = Api(stack.api), [somebody(stack) for _ in range(3)]
    for known, fault in zip(people, ("throttled", "drop", "accept_then_drop"), strict=True):
        stack.fault("email", fault, to=known.contacts["email"])
        stack.fault("sms", fault, to=known.contacts["mobile_phone"])
        token = api.sign_in(known.identifier, OLD)
        api.ok("/me/password", {"current_password": OLD, "new_password": NEW}, token)
    return people


_numbers = itertools.count()


def somebody(stack: Stack) -> Known:
    """A person with two confirmed methods whom no other test uses."""
    email, phone = fresh_contacts()
    return make_person(stack, Known(f"fault.{next(_numbers)}", OLD, {"email": email, "mobile_phone": phone}))


@pytest.fixture
def person(stack: Stack, unsure: object, hard_to_reach: object) -> Known:
    """A new person, created after the slow fixtures (the kills, and what the two fixtures above prepare)."""
    return somebody(stack)


# -- the provider fails, while the notices of the kills are delayed --


@pytest.mark.parametrize(("fault", "cause"), [("drop", "no_answer"), ("invalid", "http_400")])
def test_a_code_that_the_provider_refused_is_not_sent_again(
    stack: Stack, person: Known, provider: Proxy, fault: str, cause: str
) -> None:
    """Rule 2: one provider call per code, whatever its result. The person asks for another code, which works."""
    api, email = Api(stack.api), person.contacts["email"]
    stack.fault("email", fault, to=email)
    token = str(api.ok("/reset/start", {"identifier": person.identifier})["verification_token"])
    with provider.counting() as calls:
        challenge(api, token, "email")
        wait_for(lambda: causes(stack, Tag.CODE_DELIVERED, person.account))
    assert causes(stack, Tag.CODE_DELIVERED, person.account) == [cause]
    assert len(list(filter(sends_to(email), calls))) == 1
    assert prove(stack, api, person.identifier, dict(person.contacts))
    assert len(codes_to(stack, email)) == 1


def test_a_code_that_the_provider_throttled_arrives_by_itself(stack: Stack, person: Known, provider: Proxy) -> None:
    """Rule 2: the provider certainly did not take it, so the queue brings the order back. The code is sent once."""
    api, email = Api(stack.api), person.contacts["email"]
    stack.fault("email", "throttled", to=email)
    token = str(api.ok("/reset/start", {"identifier": person.identifier})["verification_token"])
    with provider.counting() as calls:
        token = challenge(api, token, "email")
        code = code_to(stack, email)
        wait_for(lambda: causes(stack, Tag.CODE_DELIVERED, person.account))
    assert causes(stack, Tag.CODE_DELIVERED, person.account) == ["sent"]
    assert len(list(filter(sends_to(email), calls))) == 2
    assert len(codes_to(stack, email)) == 1
    assert api.ok("/reset/verify", {"verification_token": token, "answer": code})


@pytest.mark.parametrize("fault", ["accept_then_drop", "slow"])
def test_a_code_whose_send_got_no_response_works_and_is_not_sent_again(
    stack: Stack, person: Known, provider: Proxy, fault: str
) -> None:
    """Rules 1 and 2: the claim is written before the call, so the code is accepted. The provider is called once."""
    api, email = Api(stack.api), person.contacts["email"]
    stack.fault("email", fault, to=email)
    with provider.counting() as calls:
        assert prove(stack, api, person.identifier, dict(person.contacts))
    assert len(list(filter(sends_to(email), calls))) == 1
    assert len(codes_to(stack, email)) == 1


# -- the same message twice --


def test_a_code_order_delivered_five_times_calls_the_provider_once(
    stack: Stack, person: Known, store: StrictStore, provider: Proxy
) -> None:
    """R-93: a queue can deliver a message repeatedly. Its claim is on the row, so no second code is sent."""
    api, email = Api(stack.api), person.contacts["email"]
    token = str(api.ok("/reset/start", {"identifier": person.identifier})["verification_token"])
    with store.queues.counting() as sent:
        token = challenge(api, token, "email")
    code = code_to(stack, email)
    message = next(text for request in sent if (text := queued_text(request)) and person.account in text)
    with provider.counting() as calls:
        put_into_outbox(stack, *[message] * 4)
        wait_for(lambda: causes(stack, Tag.CODE_DELIVERED, person.account).count("delivered_before") == 4)
    assert not list(filter(sends_to(email), calls))
    assert api.ok("/reset/verify", {"verification_token": token, "answer": code})["methods"] == ["mobile_phone"]
    assert len(codes_to(stack, email)) == 1


# -- responses of the store are lost --


@pytest.mark.parametrize(
    ("step", "caught_at", "answer"),
    [
        ("verify", passes_gate, LOST),
        ("verify", passes_gate, OPERATION_TIMED_OUT),
        ("complete", reserves, LOST),
        ("complete", sets_password, LOST),
        ("complete", finishes, LOST),
    ],
)
def test_a_successful_step_is_reported_even_if_the_response_of_its_write_was_lost(
    stack: Stack,
    person: Known,
    store: StrictStore,
    step: str,
    caught_at: Callable[[Known], Callable[[Request], bool]],
    answer: ServiceError | Lost,
) -> None:
    """Rule 4: the store applied the write and answered with nothing or an error. The caller gets the outcome, once."""
    api = Api(stack.api)
    reset_token = prove(stack, api, person.identifier, dict(person.contacts)) if step == "complete" else ""
    with store.tables.answering(answer, caught_at(person), applied=True):
        if step == "verify":
            reset_token = prove(stack, api, person.identifier, dict(person.contacts))
        else:
            api.ok("/reset/complete", {"reset_token": reset_token, "new_password": NEW})
    if step == "verify":
        api.ok("/reset/complete", {"reset_token": reset_token, "new_password": NEW})
    assert can_sign_in(api, person, NEW)
    assert not can_sign_in(api, person, OLD)
    assert api.post("/reset/complete", {"reset_token": reset_token, "new_password": OLD}).status_code == 403


def test_a_wrong_answer_is_counted_once_if_the_response_of_its_write_was_lost(
    stack: Stack, person: Known, store: StrictStore
) -> None:
    """Rules 3 and 4: no answer is reported without being counted, and none is counted twice."""
    api = Api(stack.api)
    token = str(api.ok("/reset/start", {"identifier": person.identifier})["verification_token"])
    token = challenge(api, token, "email")
    code = code_to(stack, person.contacts["email"])
    with store.tables.losing_answer(counts_try(person)):
        wrong = api.post("/reset/verify", {"verification_token": token, "answer": "00000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "not_accepted")
    [attempt] = row_of(stack, person.account).attempts
    assert attempt.tries == 1
    assert api.post("/reset/verify", {"verification_token": token, "answer": code}).status_code == 200


def test_a_confirmation_is_done_and_notified_once_if_the_response_of_its_write_was_lost(
    stack: Stack, store: StrictStore
) -> None:
    """Rule 4 for registration: the address is confirmed once and gets one notice."""
    api, known = Api(stack.api), make_person(stack, Known(f"fault.{next(_numbers)}", OLD))
    email, _ = fresh_contacts()
    token = api.sign_in(known.identifier, OLD)
    api.ok("/me/methods/email", {"contact": email}, token)
    with store.tables.losing_answer(confirms(known)):
        me = api.ok("/me/methods/email/confirm", {"answer": code_to(stack, email)}, token)
    assert [(m["method"], m["state"]) for m in me["methods"]] == [("email", "confirmed")]
    assert len(stack.wait_for_messages(2, to=email)) == 2


# -- the store is out of reach --


def test_every_step_fails_closed_without_the_store_and_works_afterwards(
    stack: Stack, person: Known, store: StrictStore
) -> None:
    """R-75: 503 `try_again` without details, and nothing decided. The same tokens and codes work later."""
    api, email, phone = Api(stack.api), person.contacts["email"], person.contacts["mobile_phone"]
    session = api.sign_in(person.identifier, OLD)
    started = str(api.ok("/reset/start", {"identifier": person.identifier})["verification_token"])
    asked = challenge(api, started, "email")
    code = code_to(stack, email)
    reset_token = prove(stack, api, person.identifier, {"mobile_phone": phone, "email": email})
    steps: list[tuple[str, dict[str, Any], str | None]] = [
        ("/session", {"identifier": person.identifier, "password": OLD}, None),
        ("/reset/start", {"identifier": person.identifier}, None),
        ("/reset/start", {"identifier": "nobody.at.all"}, None),
        ("/reset/challenge", {"verification_token": started, "method": "email"}, None),
        ("/reset/verify", {"verification_token": asked, "answer": code}, None),
        ("/reset/complete", {"reset_token": reset_token, "new_password": NEW}, None),
        ("/me/methods/email", {"contact": email}, session),
        ("/me/methods/email/remove", {}, session),
        ("/me/reconfirm", {}, session),
        ("/me/password", {"current_password": OLD, "new_password": NEW}, session),
    ]
    with store.tables.cut():
        for path, body, token in steps:
            assert_try_again(api.post(path, body, token), path)
        for path in ("/me", "/registration/status", "/health/ready"):
            assert_try_again(api.http.get(path, headers={"Authorization": f"Bearer {session}"}), path)
        assert api.http.get("/health/live").status_code == 200
    assert api.ok("/reset/verify", {"verification_token": asked, "answer": code})["methods"] == ["mobile_phone"]
    assert api.me(session)["missing"] == []
    api.ok("/reset/complete", {"reset_token": reset_token, "new_password": NEW})
    assert can_sign_in(api, person, NEW)
    assert not can_sign_in(api, person, OLD)


def assert_try_again(answer: httpx.Response, path: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json"), path
    problem = answer.json()
    assert problem["code"] == "try_again"
    assert int(answer.headers["retry-after"]) == problem["retry_after"] >= 1
    for word in ("Traceback", "azure", "127.0.0.1", "Table", "Azurite", "aiohttp", "shared"):
        assert word not in answer.text, path


# -- the queue is out of reach, and the store is not --


def test_answers_agree_with_what_happened_without_the_queue(stack: Stack, person: Known, store: StrictStore) -> None:
    """Rule 31: events wait, no password is set whose notice cannot be promised, and no answer tells of a code that was
    not ordered. Known and unknown names get the same answer. Later all of it goes on, with the same tokens.
    """
    api, phone = Api(stack.api), person.contacts["mobile_phone"]
    session = api.sign_in(person.identifier, OLD)
    tokens = [
        str(api.ok("/reset/start", {"identifier": name})["verification_token"])
        for name in (person.identifier, "nobody")
    ]
    started = str(api.ok("/reset/start", {"identifier": person.identifier})["verification_token"])
    asked = challenge(api, started, "email")
    code = code_to(stack, person.contacts["email"])
    reset_token = prove(stack, api, person.identifier, dict(person.contacts))
    with store.queues.cut():
        assert api.ok("/reset/verify", {"verification_token": asked, "answer": code})["methods"] == ["mobile_phone"]
        answer = api.post("/reset/complete", {"reset_token": reset_token, "new_password": NEW})
        assert_try_again(answer, "/reset/complete")
        assert can_sign_in(api, person, OLD)
        lost = [api.post("/reset/challenge", {"verification_token": t, "method": "mobile_phone"}) for t in tokens]
        lost.append(api.post("/me/proof/challenge", {"method": "mobile_phone"}, session))
        for answer in lost:
            assert_try_again(answer, str(answer.url))
        assert without_reference(lost[0]) == without_reference(lost[1])
    asked = challenge(api, tokens[0], "mobile_phone")
    wait_for(lambda: len(codes_to(stack, phone)) == 2)
    api.ok("/reset/verify", {"verification_token": asked, "answer": codes_to(stack, phone)[-1]})
    for _ in range(2):  # the token of the lost try, and then a repeat
        api.ok("/reset/complete", {"reset_token": reset_token, "new_password": NEW})
    assert can_sign_in(api, person, NEW)
    wait_for(lambda: [m for m in stack.messages(to=person.contacts["email"]) if not CODE.search(m["text"])])
    wait_for(lambda: len(causes(stack, Tag.RESET_GATE_PASSED, person.account)) == 4)


# -- after the kills --


def assert_told(stack: Stack, address: str, killed_at: dt.datetime) -> None:
    """Wait for a notice to this address within a minute of the kill."""

    def notices() -> list[dict[str, str]]:
        return [m for m in stack.messages(to=address, since=killed_at.isoformat()) if not CODE.search(m["text"])]

    wait_for(notices, within=60)
    assert dt.datetime.fromisoformat(notices()[0]["at"]) - killed_at < TOLD_WITHIN


def wait_until_delivered_again(stack: Stack, found: Caught, victim: str) -> None:
    """Wait until the code's message was handled. If no host was killed, this was its one delivery."""
    last = "no_answer" if victim == STANDIN else "delivered_before"
    wait_for(lambda: last in causes(stack, Tag.CODE_DELIVERED, found.known.account))


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_confirmation_survives_a_kill_after_its_write(
    stack: Stack, caught: Mapping[tuple[str, Point], Caught], victim: str
) -> None:
    """Written but not answered: the method is confirmed, its code does not work again, the address gets a notice."""
    found, api = caught[victim, Point.WRITE_WON], Api(stack.api)
    email = new_address(found.known)
    assert [(m["contact"], m["state"]) for m in api.me(found.token)["methods"]] == [(email, "confirmed")]
    code = code_to(stack, email)
    assert api.post("/me/methods/email/confirm", {"answer": code}, found.token).status_code == 403
    assert codes_to(stack, email) == [code]
    assert_told(stack, email, found.killed_at)
    wait_for(lambda: counted_methods(stack, found.known.account) == ("email",))  # its event was lost with the host


@pytest.mark.parametrize("victim", VICTIMS)
def test_no_code_is_sent_after_a_kill_between_its_claim_and_the_provider(
    stack: Stack, caught: Mapping[tuple[str, Point], Caught], victim: str
) -> None:
    """Claim written but provider not called: this code is never sent. The next code works."""
    found, api = caught[victim, Point.CLAIMED], Api(stack.api)
    wait_until_delivered_again(stack, found, victim)
    assert codes_to(stack, found.email) == []
    assert prove(stack, api, found.known.identifier, dict(found.known.contacts))


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_code_is_not_sent_twice_after_a_kill_following_the_provider_call(
    stack: Stack, caught: Mapping[tuple[str, Point], Caught], victim: str
) -> None:
    """Accepted by the provider but not acknowledged: one code is sent, and it works after the kill."""
    found, api = caught[victim, Point.ACCEPTED], Api(stack.api)
    wait_until_delivered_again(stack, found, victim)
    [code] = codes_to(stack, found.email)
    assert "reset_token" not in api.ok("/reset/verify", {"verification_token": found.token, "answer": code})


@pytest.mark.parametrize("victim", VICTIMS)
def test_the_old_password_works_and_notices_arrive_after_a_kill_before_the_directory_write(
    stack: Stack, caught: Mapping[tuple[str, Point], Caught], victim: str
) -> None:
    """Reserved but not written: on the killed host the old password works, and every address gets a notice."""
    found, api = caught[victim, Point.RESERVED], Api(stack.api)
    assert can_sign_in(api, found.known, NEW) is (victim == STANDIN)
    assert can_sign_in(api, found.known, OLD) is (victim != STANDIN)
    again = api.post("/reset/complete", {"reset_token": found.token, "new_password": NEW})
    assert (again.status_code, again.json().get("code")) == ((200, None) if victim == STANDIN else (503, "under_way"))
    assert api.post("/reset/complete", {"reset_token": found.token, "new_password": OLD}).status_code == 403
    for address in found.known.contacts.values():
        assert_told(stack, address, found.killed_at)


@pytest.mark.parametrize("victim", VICTIMS)
def test_the_new_password_works_and_notices_arrive_after_a_kill_following_the_directory_write(
    stack: Stack, caught: Mapping[tuple[str, Point], Caught], victim: str
) -> None:
    """Written but not marked done: the new password works, the old one and the token do not, all addresses get a
    notice.
    """
    found, api = caught[victim, Point.SET], Api(stack.api)
    assert can_sign_in(api, found.known, NEW)
    assert not can_sign_in(api, found.known, OLD)
    assert api.post("/reset/complete", {"reset_token": found.token, "new_password": OLD}).status_code == 403
    for address in found.known.contacts.values():
        assert_told(stack, address, found.killed_at)


def test_a_notice_is_sent_again_if_its_delivery_is_uncertain(stack: Stack, hard_to_reach: list[Known]) -> None:
    """R-50: at least once to every confirmed address within a minute, even if the provider fails at first."""
    for known in hard_to_reach:
        for address in known.contacts.values():
            stack.wait_for_messages(1, to=address, within=60)


def test_a_completion_with_an_unknown_outcome_is_not_repeated_and_is_notified(
    stack: Stack, unsure: tuple[Known, str, httpx.Response]
) -> None:
    """Rule 11: the person is told that the outcome is unknown, the proofs are used up, every address gets a notice."""
    (known, reset_token, answer), api = unsure, Api(stack.api)
    assert (answer.status_code, answer.json()["code"]) == (503, "outcome_unknown")
    assert can_sign_in(api, known, OLD)
    again = api.post("/reset/complete", {"reset_token": reset_token, "new_password": NEW})
    assert (again.status_code, again.headers["Retry-After"]) == (503, "5")
    maybe = render("password_maybe_changed", "en", "email", {"product": "Sésame", "at": dt.datetime.now(dt.UTC)})
    email, phone = known.contacts["email"], known.contacts["mobile_phone"]
    wait_for(lambda: maybe.subject in {message["subject"] for message in stack.messages(to=email)}, within=60)
    wait_for(lambda: [m for m in stack.messages(to=phone) if not CODE.search(m["text"])], within=60)


def test_no_code_was_sent_twice_in_any_fault(stack: Stack, caught: object) -> None:
    """Rules 1 and 2, over everything in this file: each code reached its address once."""
    sent = [(message["to"], found[1]) for message in stack.messages() if (found := CODE.search(message["text"]))]
    assert len(sent) >= 18
    assert len(set(sent)) == len(sent)
