"""The number of table calls is limited, and the same for every name at every step (rule 17)."""

import json
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from local.registered_person import registered_person
from shared.domain.errors import Refused
from shared.domain.person import MethodState
from shared.domain.trail import Trail
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.confirm_method import ConfirmMethod
from shared.usecases.create_account import CreateAccount
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.set_password import SetPassword
from shared.usecases.sign_in import SignIn
from shared.usecases.start_verification import StartVerification
from shared.usecases.verify import Granted, Verify
from shared.validation.records import encode_event, encode_order
from tests.integration.in_process import Bench, bench
from tests.integration.journey import app_code

pytestmark = pytest.mark.integration

CLIENT = "203.0.113.7"
PASSWORD = "a first password of some length"
CONTACTS = {"email": "ada@mail.example", "mobile_phone": "+33639980003"}


async def registered(running: Bench, identifier: str, contacts: dict[str, str], state: MethodState) -> None:
    adapters = running.service.adapters
    entry = await running.service.use(CreateAccount)(identifier, PASSWORD)
    at = adapters.clock.now() - timedelta(days=3)
    person = registered_person(adapters.keyring, entry.object_id, contacts, at=at, state=state)
    await adapters.people.write(person, None)


async def gate(running: Bench, token: str, method: str) -> tuple[str, dict[str, int]]:
    """Request a code and deliver it; return the token and the calls of each step."""
    trail = Trail()
    issued = await running.service.use(IssueChallenge)(
        token, method, trail, channel=None, contact=None, client=CLIENT, language="en"
    )
    steps = {"challenge": running.calls().total()}
    await running.deliver(trail.orders[0])
    steps["deliver"] = running.calls().total()
    return issued.verification_token, steps


def by_table(calls: Counter[str]) -> Counter[str]:
    """Return reads and writes of a table.

    The first claim of an unknown name is an insert, of a registered person a replace.
    """
    tally: Counter[str] = Counter()
    for call, count in calls.items():
        verb, table = call.split()
        tally[f"{'read' if verb == 'GET' else 'write'} {table}"] += count
    return tally


def last_code(running: Bench) -> str:
    found = re.search(r"\d{4} \d{4}", running.drawer.messages[-1].text)
    assert found
    return found[0]


@pytest.mark.parametrize(("gates", "budget"), [(1, 16), (2, 24)])
async def test_a_whole_reset_stays_within_its_budget_of_table_calls(storage: str, gates: int, budget: int) -> None:
    """On a warm instance, without audit and notices: at most 16 calls for one gate, 24 for two."""
    async with bench(storage, json.dumps({"gates": gates})) as running:
        await registered(running, "ada", CONTACTS, MethodState.CONFIRMED)
        for _ in range(2):  # the first round reads the counters
            running.calls()
            steps: Counter[str] = Counter()
            token, _methods = await running.service.use(StartVerification)("ada", CLIENT, Trail())
            steps["start"] = running.calls().total()
            outcome: Any = None
            for method in list(CONTACTS)[:gates]:
                token, counted = await gate(running, token, method)
                steps.update(counted)
                outcome = await running.service.use(Verify)(token, last_code(running), Trail(), client=CLIENT)
                token = getattr(outcome, "verification_token", "")
                steps["verify"] += running.calls().total()
            assert isinstance(outcome, Granted)
            trail = Trail()
            await running.service.use(SetPassword)(
                outcome.reset_token, "another password, long enough", trail, client=CLIENT
            )
            steps["complete"] = running.calls().total()
        print(dict(steps), steps.total())
        assert steps.total() <= budget, dict(steps)


async def test_each_step_with_the_authenticator_app_costs_the_same_for_every_kind_of_name(storage: str) -> None:
    """People with and without the app and unknown names: the same calls, nothing in the queue, the same tokens."""
    async with bench(storage) as running:
        await registered(running, "with", CONTACTS, MethodState.CONFIRMED)
        await registered(running, "without", {"email": "d@mail.example"}, MethodState.CONFIRMED)
        service, trail = running.service, Trail()
        session, _ = await service.use(SignIn)("with", PASSWORD, trail, client=CLIENT)
        begun = await service.use(BeginMethod)(session, "authenticator_app", Wish(), trail)
        code = app_code((begun.enrolment or {})["secret"])
        await service.use(ConfirmMethod)(session, "authenticator_app", code, trail)
        running.calls()
        seen = {}
        for name in ("with", "without", "unknown"):
            trail, client = Trail(), f"203.0.113.{len(seen)}"
            token, _ = await service.use(StartVerification)(name, client, trail)
            issued = await service.use(IssueChallenge)(
                token, "authenticator_app", trail, channel=None, contact=None, client=client, language="en"
            )
            steps = [by_table(running.calls())]
            assert trail.orders == []
            token = issued.verification_token
            for _ in range(6):
                with pytest.raises(Refused) as refused:
                    await service.use(Verify)(token, "000000", trail, client=client)
                steps.append(by_table(running.calls()))
                token = refused.value.verification_token
            sizes = [len(encode_event(event)) for event in trail.events]
            seen[name] = (steps, sizes, len(token), issued.wait, dict(issued.shown))
        assert seen["with"] == seen["without"] == seen["unknown"]


async def test_each_reset_step_costs_the_same_for_every_kind_of_name(storage: str) -> None:
    """Known, unknown, unregistered, prefilled, disabled: the same calls to the same tables, the same message sizes."""
    async with bench(storage) as running:
        await registered(running, "known", CONTACTS, MethodState.CONFIRMED)
        await registered(running, "prefilled", {"email": "p@mail.example"}, MethodState.PREFILLED)
        await registered(running, "disabled", {"email": "d@mail.example"}, MethodState.CONFIRMED)
        await running.service.adapters.directory.set_enabled("disabled", enabled=False)
        await running.service.use(CreateAccount)("unregistered", "a first password of some length")
        running.calls()
        seen = {}
        for name in ("known", "unknown", "unregistered", "prefilled", "disabled"):
            steps: list[Any] = []
            trail = Trail()
            token, _ = await running.service.use(StartVerification)(name, f"203.0.113.{len(seen)}", trail)
            steps.append(by_table(running.calls()))
            issued = await running.service.use(IssueChallenge)(
                token, "email", trail, channel=None, contact="someone@else.example", client=CLIENT, language="en"
            )
            token = issued.verification_token
            steps.append(by_table(running.calls()))
            await running.deliver(trail.orders[0])
            steps.append(by_table(running.calls()))
            for _ in range(6):
                with pytest.raises(Refused):
                    await running.service.use(Verify)(token, "0000 0000", trail, client=f"203.0.113.{len(seen)}")
                steps.append(by_table(running.calls()))
            sizes = [len(encode_order(order)) for order in trail.orders], [len(encode_event(e)) for e in trail.events]
            seen[name] = (steps, sizes, len(token))
        for name, what in seen.items():
            assert what == seen["unknown"], name
        assert running.drawer.messages == [], "a contact that does not match is dropped, silently"
