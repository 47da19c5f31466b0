"""One of three hosts is killed while thirty people set their passwords: each hears what happened, and is told of it."""

import asyncio
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.completion import LONGEST
from shared.domain.person import Person
from shared.domain.trail import Trail
from shared.messages import render
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.start_verification import StartVerification
from shared.usecases.verify import Granted, Verify
from shared.wiring import Service
from tests.integration.in_process import bench
from tests.integration.inside import Known, inside, make_people
from tests.integration.journey import CODE, Api
from tests.integration.outcomes import can_sign_in, wait_for
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

PEOPLE = 30
OLD, NEW = "the password before the reset", "the password after the reset"
LIMITS = ("starts_per_client_minute", "starts_per_client_hour", "session_failures_per_client_5min")


POLICY = json.dumps({"gates": 1, **dict.fromkeys(LIMITS, 1000)})


@pytest.fixture(scope="module")
def stack(start_stack: StartStack) -> Stack:
    return start_stack(instances=3, environment={"SESAME_POLICY": POLICY})


async def proved(stack: Stack, people: list[Known]) -> dict[str, str]:
    """Return a reset token of each, from the use-cases in this process on the store of the stack."""
    keys = {name: value for name, value in stack.environment.items() if name.startswith("SESAME_")}
    tokens, options = {}, {"channel": None, "contact": None, "client": "203.0.113.7", "language": "en"}
    async with bench(stack.storage_connection, POLICY, keys) as running:
        use = running.service.use
        for known in people:
            token, _ = await use(StartVerification)(known.identifier, "203.0.113.7", Trail())
            asked = await use(IssueChallenge)(token, "email", Trail(), **options)
            await running.deliver(running.orders.pop())
            code = CODE.search(running.drawer.messages.pop().text)
            assert code
            granted = await use(Verify)(asked.verification_token, code[0], Trail(), client="203.0.113.7")
            assert isinstance(granted, Granted)
            tokens[known.identifier] = granted.reset_token
    return tokens


async def completed(stack: Stack, tokens: list[str]) -> list[httpx.Response | httpx.TransportError]:
    """Complete all at once over the three hosts. Kill one of them as soon as the first password was set."""

    async def one(http: httpx.AsyncClient, number: int, token: str) -> httpx.Response | httpx.TransportError:
        body = {"reset_token": token, "new_password": NEW}
        try:
            answer = await http.post(f"{stack.instances[number % 3]}/api/v1/reset/complete", json=body)
        except httpx.TransportError as lost:
            return lost
        if answer.status_code == 200 and "api-2" in stack.processes:
            stack.kill("api-2")
        return answer

    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=PEOPLE)) as http:
        return await asyncio.gather(*(one(http, number, token) for number, token in enumerate(tokens)))


async def repeated(stack: Stack, token: str) -> tuple[int, str]:
    """Send the same request to the hosts that are left, as the page does, until it says more than to try again."""
    async with httpx.AsyncClient(base_url=f"{stack.api}/api/v1", timeout=60) as http:
        for _ in range(60):
            answer = await http.post("/reset/complete", json={"reset_token": token, "new_password": NEW})
            code = str(answer.json().get("code", ""))
            if code != "try_again":
                return answer.status_code, code
            await asyncio.sleep(int(answer.headers["Retry-After"]) / 4)
    raise AssertionError("nothing but try_again")


async def make_older(service: Service, people: list[Known]) -> None:
    """Change the rows as if the longest time of a completion had passed."""
    passed = LONGEST + CLOCK_MARGIN + timedelta(seconds=1)

    def older(person: Person) -> Person:
        completions = tuple(replace(found, at=found.at - passed) for found in person.completions)
        until = person.completion_until and person.completion_until - passed
        return replace(person, completions=completions, completion_until=until)

    for known in people:
        stored = await service.adapters.people.read(known.account)
        await service.adapters.people.write(older(stored.person), stored.revision)


def subjects(stack: Stack, known: Known) -> list[str]:
    messages = stack.messages(to=known.contacts["email"])
    return [message["subject"] for message in messages if not CODE.search(message["text"])]


async def test_everybody_hears_the_same_as_what_happened_when_a_host_is_killed(stack: Stack) -> None:
    """Rules 11 and 30: no repeat is refused; who hears success has the new password, and who hears that it is unknown
    or still under way has one of both. Everybody gets the notice that fits.
    """
    asked = [Known(f"kill.{n}", OLD, {"email": f"kill{n}@mail.example"}) for n in range(PEOPLE)]
    halves = [await asyncio.to_thread(make_people, stack, *asked[n::2]) for n in (0, 1)]
    people = [known for half in halves for known in half]
    tokens = await proved(stack, people)
    first = await completed(stack, list(tokens.values()))
    assert "api-2" not in stack.processes
    assert any(isinstance(answer, httpx.TransportError) for answer in first)
    told = [a.json().get("code") for a in first if isinstance(a, httpx.Response) and a.status_code != 200]
    assert set(told) <= {"try_again"}

    repeats = await asyncio.gather(*(repeated(stack, token) for token in tokens.values()))
    heard = dict(zip(tokens, repeats, strict=True))
    assert set(heard.values()) <= {(200, ""), (503, "under_way")}, Counter(heard.values())
    interrupted = [known for known in people if heard[known.identifier] == (503, "under_way")]
    await asyncio.to_thread(inside, stack, lambda service: make_older(service, interrupted))
    for known in interrupted:
        assert await repeated(stack, tokens[known.identifier]) == (503, "outcome_unknown")

    stack.start("api-2")
    api, fields = Api(stack.instances[1]), {"product": "Sésame", "at": datetime.now(UTC)}
    changed, maybe = (
        render(kind, "en", "email", fields).subject for kind in ("password_changed", "password_maybe_changed")
    )
    for known in people:
        wanted = maybe if known in interrupted else changed
        assert can_sign_in(api, known, NEW) or (known in interrupted and can_sign_in(api, known, OLD)), known
        wait_for(lambda known=known, wanted=wanted: wanted in subjects(stack, known), within=60)
        assert known in interrupted or maybe not in subjects(stack, known)
