"""The number of table calls is limited, and the same for every name at every step (rule 17)."""

import json
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import Refused
from shared.domain.person import MethodState, Person, RegisteredMethod, Source
from shared.domain.trail import Trail
from shared.usecases.create_account import CreateAccount
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.set_password import SetPassword
from shared.usecases.start_verification import StartVerification
from shared.usecases.verify import Granted, Verify
from shared.validation.events import encode_event
from shared.validation.orders import encode_order
from tests.integration.in_process import Bench, bench

pytestmark = pytest.mark.integration

CLIENT = "203.0.113.7"
CONTACTS = {"email": "ada@mail.example", "mobile_phone": "+33639980003"}


async def registered(running: Bench, identifier: str, contacts: dict[str, str], state: MethodState) -> None:
    adapters = running.service.adapters
    account = await running.service.use(CreateAccount)(identifier, "a first password of some length")
    key = adapters.keyring.account_key(account.object_id)
    at = adapters.clock.now() - timedelta(days=3)
    methods = tuple(
        RegisteredMethod(
            name=name,
            sealed=adapters.keyring.seal(contact, account=key, purpose=name),
            destination=adapters.keyring.digest("destination", contact),
            state=state,
            source=Source.SELF,
            set_at=at,
            confirmed_at=at if state is MethodState.CONFIRMED else None,
        )
        for name, contact in contacts.items()
    )
    await adapters.people.write(Person(account=key, object_id=account.object_id, methods=methods), None)


async def gate(running: Bench, token: str, method: str) -> tuple[str, dict[str, int]]:
    """Request a code and deliver it; return the token and the calls of each step."""
    trail = Trail()
    token, _ = await running.service.use(IssueChallenge)(
        token, method, trail, channel=None, contact=None, client=CLIENT, language="en"
    )
    steps = {"challenge": running.calls().total()}
    await running.deliver(trail.orders[0])
    steps["deliver"] = running.calls().total()
    return token, steps


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
    found = re.search(r"\d{4} \d{4}", running.drawer.letters[-1].text)
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
            token, _ = await running.service.use(IssueChallenge)(
                token, "email", trail, channel=None, contact="someone@else.example", client=CLIENT, language="en"
            )
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
        assert running.drawer.letters == [], "a contact that does not match is dropped, silently"
