"""The number of table calls is limited, and the same for every name at every step (rule 17)."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.registered_person import registered_person
from shared.domain.errors import Refused
from shared.domain.imports import Permission, Wishes
from shared.domain.person import MethodState
from shared.domain.trail import Trail
from shared.methods import COLUMN_NAMES, NUMBERS, evidence_by_name
from shared.usecases.begin_import import BeginImport
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.confirm_method import ConfirmMethod
from shared.usecases.create_account import CreateAccount
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.object_to_change import ObjectToChange
from shared.usecases.record_events import RecordEvents
from shared.usecases.set_password import SetPassword
from shared.usecases.sign_in import SignIn
from shared.usecases.start_verification import StartVerification
from shared.usecases.verify import Granted, Verify
from shared.usecases.view_import import ViewImport
from shared.usecases.work_import import WorkImport
from shared.validation.cells import Columns, read_batch
from shared.validation.records import decode_events, encode_events, encode_order
from tests.fakes.promised_notices import MemoryPromisedNotices
from tests.integration.in_process import Bench, bench
from tests.integration.journey import app_code
from tests.passkeys import Device

pytestmark = pytest.mark.integration

ROWS = 40
CLIENT = "203.0.113.7"
PASSWORD = "a first password of some length"
CONTACTS = {"email": "ada@mail.example", "mobile_phone": "+33639980003"}


async def test_an_import_costs_at_most_five_calls_a_row_and_nine_for_a_new_account(storage: str) -> None:
    """With everything: rows, names, accounts, the activation, the audit log, and the import itself (rule 17)."""
    async with bench(storage) as running:
        service, trail = running.service, Trail()
        await service.use(CreateAccount)("avery", PASSWORD, roles=frozenset({"administrator"}))
        token, _ = await service.use(SignIn)("avery", PASSWORD, trail, client=CLIENT)
        costs = []
        for wishes in (Wishes(create_accounts=True, activation=True), Wishes()):
            rows = [
                {"identifier": f"new.{n}", "mobile_phone": f"+3363998{n + 100 * len(costs):04}", "language": "fr"}
                for n in range(ROWS)
            ]
            batch = read_batch(rows, Columns(names=COLUMN_NAMES, numbers=NUMBERS))
            running.calls()
            made = await service.use(BeginImport)(
                token, batch, wishes, Permission(basis="form", attested_by=""), "first day", trail
            )
            await service.use(WorkImport)(made.id, trail)
            costs.append(running.calls().total() / ROWS)
            progress = await service.use(ViewImport)(token, made.id, trail)
            assert progress.verdicts["prefilled" if costs[1:] else "created"] == ROWS
    assert costs[0] <= 9, costs
    assert costs[1] <= 5, costs


async def registered(running: Bench, identifier: str, contacts: dict[str, str], state: MethodState) -> None:
    adapters = running.service.adapters
    entry = await running.service.use(CreateAccount)(identifier, PASSWORD)
    at = adapters.clock.now() - timedelta(days=3)
    stamp = entry.password_stamp
    person = registered_person(adapters.keyring, entry.object_id, contacts, at=at, state=state, password_stamp=stamp)
    await adapters.people.write(person, None)


def by_table(calls: Counter[str]) -> Counter[str]:
    """Return reads and writes of a table.

    The first claim of an unknown name is an insert, of a registered person a replace.
    """
    tally: Counter[str] = Counter()
    for call, count in calls.items():
        verb, table = call.split()
        # The row of an unknown name is in another table, which is reached in the same way.
        table = re.sub(r"^Strangers\d+", "People", table)
        tally[f"{'read' if verb == 'GET' else 'write'} {table}"] += count
    return tally


def last_code(running: Bench) -> str:
    """Return the code that was sent last, or a guess where none was sent."""
    found = re.search(r"\d{4}-\d{4}", running.drawer.messages[-1].text) if running.drawer.messages else None
    return found[0] if found else "0000 0000"


async def stepped(running: Bench, name: str, steps: Counter[str], step: str, work: Any, trail: Trail) -> Any:
    """Do one step and everything that follows it: its messages, their events. Count the calls before and after."""
    running.calls()
    try:
        outcome = await work
    except Refused as refused:
        outcome = refused
    steps[step] += running.calls().total()
    for message in encode_events(trail.events, f"{name}-{step}-{steps.total()}"):
        events, record_id = decode_events(message)
        await running.service.use(RecordEvents)(events, record_id=record_id)
    steps["audit"] += running.calls().total()
    return outcome


async def a_reset(running: Bench, promised: MemoryPromisedNotices, name: str, gates: int) -> Counter[str]:
    """Go through a reset as the queues do, to its end: the promised order tells the notice."""
    service, steps, outcome = running.service, Counter[str](), None
    trail = Trail()
    token, _ = await stepped(running, name, steps, "start", service.use(StartVerification)(name, CLIENT, trail), trail)
    for method in list(CONTACTS)[:gates]:
        asked, delivered, answered = Trail(), Trail(), Trail()
        issue = service.use(IssueChallenge)(
            token, method, asked, channel=None, contact=None, client=CLIENT, language="en"
        )
        token = (await stepped(running, name, steps, "challenge", issue, asked)).verification_token
        await stepped(running, name, steps, "deliver", running.deliver(running.orders.pop(), delivered), delivered)
        code = last_code(running)
        verify = service.use(Verify)(token, code, answered, client=CLIENT)
        outcome = await stepped(running, name, steps, "verify", verify, answered)
        token = getattr(outcome, "verification_token", "")
    if isinstance(outcome, Granted):
        trail, told = Trail(), Trail()
        complete = service.use(SetPassword)(outcome.reset_token, f"{name} has another password", trail, client=CLIENT)
        await stepped(running, name, steps, "complete", complete, trail)
        [notice] = promised.taken()
        await stepped(running, name, steps, "notice", running.deliver(notice, told), told)
        assert promised.taken() == [], "nothing is left to be told"
    return steps


@pytest.mark.parametrize(("gates", "before", "in_all"), [(1, 16, 25), (2, 24, 36)])
async def test_a_whole_reset_stays_within_its_budget_of_table_calls(
    storage: str, gates: int, before: int, in_all: int
) -> None:
    """On a warm instance, for a person with two addresses: before the last answer, and with all that follows."""
    async with bench(storage, json.dumps({"gates": gates})) as running:
        await registered(running, "ada", CONTACTS, MethodState.CONFIRMED)
        promised = running.service.adapters.promised = MemoryPromisedNotices(running.service.adapters.clock)
        for _ in range(2):  # the first round reads the counters
            steps = await a_reset(running, promised, "ada", gates)
        assert (steps.total() - steps["audit"] - steps["notice"], steps.total()) <= (before, in_all), dict(steps)
        assert steps.total() <= in_all, dict(steps)


def wrong_passkey(shown: Any) -> str:
    """Return the answer of somebody else's passkey, as a stranger can give it."""
    return Device(user=b"x" * 52).answer(shown["options"])


@pytest.mark.parametrize(
    ("method", "first", "wrong"),
    [
        ("authenticator_app", lambda shown, _: app_code(shown["secret"]), lambda _: "000000"),
        ("passkey", lambda shown, page: Device().register(shown["options"], origin=page), wrong_passkey),
        ("recovery_code", lambda shown, _: shown["codes"].split("\n")[0], lambda _: "0" * 16),
    ],
)
async def test_each_step_with_a_kept_secret_costs_the_same_for_every_kind_of_name(
    storage: str, method: str, first: Any, wrong: Any
) -> None:
    """People with and without it and unknown names: the same calls, nothing in the queue, the same tokens."""
    async with bench(storage, json.dumps({"methods": [*evidence_by_name()]})) as running:
        await registered(running, "with", {}, MethodState.CONFIRMED)
        await registered(running, "without", {"email": "d@mail.example"}, MethodState.CONFIRMED)
        service, trail = running.service, Trail()
        session, _ = await service.use(SignIn)("with", PASSWORD, trail, client=CLIENT)
        begun = await service.use(BeginMethod)(session, method, Wish(), trail)
        await service.use(ConfirmMethod)(
            session, method, first(begun.enrolment, service.settings.web_origins[1]), trail
        )
        running.calls()
        seen = {}
        for name in ("with", "without", "unknown"):
            trail, client = Trail(), f"203.0.113.{len(seen)}"
            token, _ = await service.use(StartVerification)(name, client, trail)
            issued = await service.use(IssueChallenge)(
                token, method, trail, channel=None, contact=None, client=client, language="en"
            )
            steps = [by_table(running.calls())]
            assert running.orders == []
            token = issued.verification_token
            for _ in range(6):
                with pytest.raises(Refused) as refused:
                    await service.use(Verify)(token, wrong(issued.shown), trail, client=client)
                steps.append(by_table(running.calls()))
                token = refused.value.verification_token
            sizes = [len(message) for message in encode_events(trail.events, "x")]
            looks = {key: len(text) for key, text in issued.shown.items()}
            seen[name] = (steps, sizes, len(token), issued.wait, looks)
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
            order = running.orders.pop()
            await running.deliver(order)
            steps.append(by_table(running.calls()))
            for _ in range(6):
                with pytest.raises(Refused):
                    await running.service.use(Verify)(token, "0000 0000", trail, client=f"203.0.113.{len(seen)}")
                steps.append(by_table(running.calls()))
            sizes = len(encode_order(order)), [*map(len, encode_events(trail.events, "x"))]
            seen[name] = (steps, sizes, len(token))
        for name, what in seen.items():
            assert what == seen["unknown"], name
        assert running.drawer.messages == [], "a contact that does not match is dropped, silently"


async def test_each_failed_sign_in_costs_the_same_for_every_kind_of_name(storage: str) -> None:
    """Known, unknown, unregistered, disabled, closed: three limits, the name, the entry twice, the row twice."""
    async with bench(storage) as running:
        for name in ("known", "disabled", "closed"):
            await registered(running, name, CONTACTS, MethodState.CONFIRMED)
        await running.service.adapters.directory.set_enabled("disabled", enabled=False)
        await running.service.use(CreateAccount)("unregistered", PASSWORD)
        seen = {}
        for name in ("known", "unknown", "disabled", "unregistered", "closed"):
            if name == "closed":  # by its other names, or on other days
                people, entry = running.service.adapters.people, await running.service.adapters.directory.resolve(name)
                stored = await people.read(running.service.adapters.keyring.account_key(entry.object_id))
                await people.write(replace(stored.person, sign_in_failures=100), stored.revision)
            steps: list[Any] = []
            for n in range(3):
                running.calls()
                with pytest.raises(Refused):
                    await running.service.use(SignIn)(name, "wrong", Trail(), client=f"203.0.113.{10 * len(seen) + n}")
                steps.append(by_table(running.calls()))
            seen[name] = steps
        for name, what in seen.items():
            assert what == seen["unknown"], name
        assert {counts.total() for counts in seen["known"]} == {10}


async def test_each_objection_costs_the_same_for_every_kind_of_name(storage: str) -> None:
    """Known, frozen, unknown, unregistered: two limits, the name, the row read and written, and one event."""
    async with bench(storage) as running:
        for name in ("known", "frozen"):
            await registered(running, name, CONTACTS, MethodState.CONFIRMED)
        people, keyring = running.service.adapters.people, running.service.adapters.keyring
        entry = await running.service.adapters.directory.resolve("frozen")
        assert entry is not None
        stored = await people.read(keyring.account_key(entry.object_id))
        await people.write(replace(stored.person, frozen_at=running.service.adapters.clock.now()), stored.revision)
        await running.service.use(CreateAccount)("unregistered", PASSWORD)
        seen = {}
        for name in ("known", "frozen", "unknown", "unregistered"):
            steps: list[Any] = []
            for _ in range(3):
                trail = Trail()
                running.calls()
                await running.service.use(ObjectToChange)(name, "00000-00000", f"203.0.113.{len(seen)}", trail)
                steps += [by_table(running.calls()), [*map(len, encode_events(trail.events, "x"))]]
            seen[name] = steps
        for name, what in seen.items():
            assert what == seen["unknown"], name
