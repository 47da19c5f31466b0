"""An import as a job: killed anywhere, delivered twice, cancelled, resumed, stopped; and the letters at its end."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from shared.domain.errors import NotAllowed, NotFound, SignInAgain
from shared.domain.imports import State
from shared.domain.person import Person
from shared.domain.trail import Tag
from shared.ports.store import StoreLost
from shared.usecases import _imports, begin_import
from shared.usecases.freeze import Freeze
from shared.usecases.letters_of_import import LettersOfImport
from shared.usecases.open_activation import OpenActivation
from shared.usecases.steer_import import SteerImport
from shared.usecases.sweep import Sweep
from shared.usecases.view_import import ViewImport
from shared.usecases.work_import import WorkImport
from tests.builders import CLIENT, EMAIL, PHONE, World, a_world

ROWS = [
    {"identifier": "bob", "mobile_phone": PHONE, "language": "fr"},
    {"identifier": "new.1", "email": "n1@mail.example"},
    {"identifier": "ada", "email": "else@mail.example"},
    {"identifier": "NEW.1", "email": "again@mail.example"},
    {"identifier": "new.2", "mobile_phone": "3,36E+10", "language": "en"},
    {"identifier": "bob", "language": "en"},
]
WISHES = {"create_accounts": True, "activation": True, "replace_confirmed": True}


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three portions of two rows, and nobody who was killed is waited for."""
    monkeypatch.setattr(begin_import, "ROWS_OF_A_PORTION", 2)
    monkeypatch.setattr(_imports, "CLAIM", timedelta(0))


async def begun(rows: list[dict[str, str]] = ROWS, **wishes: bool) -> tuple[World, str, str]:
    """Return a world with Ada (confirmed) and Bob, the session of Avery, and an import that nobody has worked on."""
    world = a_world()
    world.adapters.given_up = SimpleNamespace(queues=())
    await world.account("ada", email=EMAIL)
    await world.account("bob")
    await world.account("avery", roles=frozenset({"administrator"}))
    session = await world.sign_in("avery")
    return world, session, (await world.bring_in(session, *rows, **(wishes or WISHES))).id


def readable(row: Person) -> Any:
    """Return the methods of a row without ciphertext, which differs at each sealing."""
    return [(m.name, m.destination, m.state, m.renewal, m.offer and m.offer.sealed.destination) for m in row.methods]


async def left_behind(world: World, session: str, import_id: str) -> dict[str, Any]:
    """Return everything that an import leaves."""
    adapters = world.adapters
    progress = await world.service.use(ViewImport)(session, import_id, world.trail)
    _, verdicts = await world.service.use(ViewImport).verdicts(session, import_id, world.trail)
    return {
        "people": {key: replace(row, methods=readable(row)) for key, (row, _) in world.people.rows.items()},
        "names": dict(adapters.names.accounts),
        "accounts": {one: replace(entry, password_stamp="") for one, (entry, _) in world.directory.accounts.items()},
        "audit": sorted((event.tag, event.account, event.cause) for event in adapters.audit_log.events),
        "verdicts": verdicts,
        "counts": (progress.of.state, dict(progress.verdicts), progress.faults, progress.activations),
        "unfinished": [key async for _, key in adapters.unfinished.due(world.clock.now().date())],
    }


def killing(world: World, at: int, *, applied: bool) -> None:
    """Kill the process at that write, before or after it is applied."""
    number, adapters = count(1), world.adapters
    writes = {
        adapters.people: ("write",), adapters.names: ("bind",), world.directory: ("create",),
        adapters.imports: ("plan", "settle", "change"), adapters.audit_log: ("record",), adapters.due: ("add",),
        adapters.unfinished: ("remove",), adapters.promised: ("promise",),
    }  # fmt: skip

    def instead(real: Callable[..., Any]) -> Callable[..., Any]:
        async def write(*values: Any, **named: Any) -> Any:
            dies = next(number) == at
            if dies and not applied:
                raise Killed
            done = await real(*values, **named)
            if dies:
                raise Killed
            return done

        return write

    for store, names in writes.items():
        for name in names:
            setattr(store, name, instead(getattr(store, name)))


@pytest.mark.parametrize("applied", [True, False])
async def test_an_import_that_is_killed_anywhere_ends_as_one_that_is_not(*, applied: bool) -> None:
    """Accounts, rows, names, verdicts, counts and audit events are the same after the second run."""
    world, session, job = await begun()
    await world.service.use(WorkImport)(job, world.trail)
    expected = await left_behind(world, session, job)
    assert expected["counts"] == ("done", {"created": 2, "prefilled": 2, "unchanged": 0, "refused": 2}, 3, 3)
    for at in count(1):
        world, session, job = await begun()
        killing(world, at, applied=applied)
        try:
            await world.service.use(WorkImport)(job, world.trail)
            break
        except* Killed:
            await world.service.use(WorkImport)(job, world.trail)
        assert await left_behind(world, session, job) == expected, at
    assert at > 20


async def test_an_import_whose_message_comes_twice_is_worked_off_once() -> None:
    """Also at the same time, on two instances."""
    world, session, job = await begun()
    await world.service.use(WorkImport)(job, world.trail)
    expected = await left_behind(world, session, job)
    world, session, job = await begun()
    work = world.service.use(WorkImport)
    await asyncio.gather(work(job, world.trail), work(job, world.trail))
    await work(job, world.trail)
    assert await left_behind(world, session, job) == expected


async def test_an_import_on_which_somebody_works_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the claim has passed. It is long enough for a portion, and a kill costs no more."""
    monkeypatch.setattr(_imports, "CLAIM", timedelta(seconds=30))
    world, session, job = await begun()
    killing(world, 5, applied=True)
    for seconds, state in ((0, State.RUNNING), (29, State.RUNNING), (2, State.DONE)):
        world.clock.move(seconds=seconds)
        try:
            await world.service.use(WorkImport)(job, world.trail)
        except* Killed:
            pass
        assert (await world.service.use(ViewImport)(session, job, world.trail)).of.state is state


async def test_a_cancelled_import_does_nothing_more_until_it_is_resumed() -> None:
    """A portion that is under way is finished. What is done stays, and is not done again."""
    world, session, job = await begun()
    steer, settle = world.service.use(SteerImport), world.adapters.imports.settle

    async def cancelled_meanwhile(*values: Any) -> None:
        await settle(*values)
        world.adapters.imports.settle = settle
        await steer.cancel(session, job, "wrong file", world.trail)

    world.adapters.imports.settle = cancelled_meanwhile
    for _ in range(2):
        await world.service.use(WorkImport)(job, world.trail)
        progress = await world.service.use(ViewImport)(session, job, world.trail)
        assert (progress.of.state, progress.done) == (State.CANCELLED, 2)
    await world.service.use(Sweep)(world.trail)
    assert world.adapters.import_orders.sent == [job]
    await steer.resume(session, job, "right file", world.trail)
    assert world.adapters.import_orders.sent == [job] * 2
    await world.service.use(WorkImport)(job, world.trail)
    assert (await steer.cancel(session, job, "wrong file", world.trail)).state is State.DONE
    tags = [event.tag for event in world.trail.events if event.tag.startswith("admin:import")]
    assert tags == [Tag.IMPORT_BEGUN, Tag.IMPORT_CANCELLED, Tag.IMPORT_RESUMED, Tag.IMPORT_ENDED]


async def test_the_sweep_orders_an_import_whose_message_is_lost() -> None:
    """The import is accepted without the queue, and is found in the index until it is done."""
    world, session, _ = await begun()
    world.adapters.import_orders.is_lost = True
    job = (await world.bring_in(session, *ROWS, **WISHES)).id
    world.adapters.import_orders.is_lost = False
    for _ in range(2):
        await world.service.use(Sweep)(world.trail)
    assert world.adapters.import_orders.sent.count(job) == 2
    await world.service.use(WorkImport)(job, world.trail)
    await world.service.use(Sweep)(world.trail)
    assert world.adapters.import_orders.sent.count(job) == 2


async def test_an_import_goes_on_at_once_after_the_store_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message comes again, and does not wait for its own claim."""
    monkeypatch.setattr(_imports, "CLAIM", timedelta(seconds=30))
    world, session, job = await begun()
    settle = world.adapters.imports.settle

    async def lost(*_: Any) -> None:
        world.adapters.imports.settle = settle
        raise StoreLost

    world.adapters.imports.settle = lost
    with pytest.raises(StoreLost):
        await world.service.use(WorkImport)(job, world.trail)
    await world.service.use(WorkImport)(job, world.trail)
    assert (await world.service.use(ViewImport)(session, job, world.trail)).of.state is State.DONE


@pytest.mark.parametrize("loss", ["role", "account", "frozen"])
async def test_an_import_ends_when_who_began_it_may_not_any_more(loss: str) -> None:
    """Rule 24 holds as long as it runs, and so does a freeze. Another administrator cannot have it go on either."""
    world, _, job = await begun()
    await world.account("blake", roles=frozenset({"administrator"}))
    if loss == "role":
        world.directory.granted("avery")
    elif loss == "account":
        await world.directory.set_enabled("avery", enabled=False)
    other = await world.sign_in("blake")
    if loss == "frozen":
        await world.service.use(Freeze)(other, "avery", "session stolen", world.trail)
    for _ in range(2):
        await world.service.use(WorkImport)(job, world.trail)
        progress = await world.service.use(ViewImport)(other, job, world.trail)
        assert (progress.of.state, progress.done) == (State.STOPPED, 0)
        await world.service.use(SteerImport).resume(other, job, "go on", world.trail)
    assert world.row("bob").methods == ()


@pytest.mark.parametrize("after", [0, 1], ids=["planned", "written"])
async def test_the_verdict_on_a_row_says_what_was_done_when_it_is_allowed_no_more(after: int) -> None:
    """Bob is planned, the process is killed, and Bob gets a role. Nobody is told of a code that was never issued."""
    world, session, job = await begun([ROWS[0]], activation=True)
    kill = (world.adapters.imports, "plan") if not after else (world.adapters.imports, "settle")
    real = getattr(*kill)

    async def killed(*given: Any) -> None:
        if not after:
            await real(*given)
        raise Killed

    setattr(*kill, killed)
    with pytest.raises(Killed):
        await world.service.use(WorkImport)(job, world.trail)
    setattr(*kill, real)
    world.directory.granted("bob", "administrator")
    await world.service.use(WorkImport)(job, world.trail)
    _, [(_, verdict)] = await world.service.use(ViewImport).verdicts(session, job, world.trail)
    told = (verdict.verdict, verdict.code, verdict.activation)
    assert told == (("prefilled", None, "issued") if after else ("refused", "privileged", None))
    assert bool(world.row("bob").methods) is bool(after)


async def test_the_letters_of_an_import_open_an_activation_once() -> None:
    """The codes are the same each time until one is used, and are kept nowhere. Only who began the import sees them."""
    world, session, job = await begun()
    letters = world.service.use(LettersOfImport)
    assert await letters(session, job, 0, world.trail) == ((), None)
    await world.service.use(WorkImport)(job, world.trail)
    first, further = await letters(session, job, 0, world.trail)
    assert ([(one.identifier, one.first_password, one.language) for one in first], further) == (
        [("bob", False, "fr"), ("new.1", True, None), ("new.2", True, "en")], None,
    )  # fmt: skip
    again, _ = await letters(session, job, 0, world.trail)
    assert [one.code for one in again] == [one.code for one in first]
    kept = repr((world.people.rows, world.adapters.imports.imports, world.adapters.imports.portions, world.trail))
    assert not any(one.code in kept for one in first)
    opened = await world.service.use(OpenActivation)("new.1", first[1].code, CLIENT, world.trail)
    await world.register(opened.token, "email", None)
    left, _ = await letters(session, job, 0, world.trail)
    assert [one.identifier for one in left] == ["bob", "new.2"]
    await world.account("blake", roles=frozenset({"administrator"}))
    for name in ("blake", "ada"):
        with pytest.raises(NotAllowed):
            await letters(await world.sign_in(name), job, 0, world.trail)
    world.clock.move(seconds=world.policy.method_change_seconds)
    with pytest.raises(SignInAgain):
        await letters(session, job, 0, world.trail)


async def test_many_letters_come_a_portion_at_a_time() -> None:
    """From where the answer before ended. A dry run issues none, and says how many it would."""
    rows = [{"identifier": f"new.{n}"} for n in range(30)]
    world, session, job = await begun(rows, create_accounts=True, activation=True)
    await world.service.use(WorkImport)(job, world.trail)
    letters = world.service.use(LettersOfImport)
    first, further = await letters(session, job, 0, world.trail)
    rest, end = await letters(session, job, further or 0, world.trail)
    assert [one.row for one in (*first, *rest)] == list(range(1, 31))
    assert (len(first), end) == (25, None)
    world, session, job = await begun(rows, create_accounts=True, activation=True, dry_run=True)
    await world.service.use(WorkImport)(job, world.trail)
    assert (await world.service.use(ViewImport)(session, job, world.trail)).activations == 30
    assert await world.service.use(LettersOfImport)(session, job, 0, world.trail) == ((), None)


async def test_no_code_is_issued_where_it_takes_two_administrators_or_opens_nothing() -> None:
    """Who had a confirmed method, is disabled or frozen (rule 27). The rest of the row is taken."""
    world, session, _ = await begun()
    await world.account("cid")
    await world.account("dee", frozen_at=world.clock.now())
    await world.directory.set_enabled("cid", enabled=False)
    names = ("ada", "bob", "cid", "dee")
    verdicts = await world.prefill(session, *({"identifier": one, "language": "fr"} for one in names), activation=True)
    assert [(verdict.verdict, verdict.activation) for verdict in verdicts] == [
        ("prefilled", "needs_second_administrator"), ("prefilled", "issued"), ("prefilled", "disabled"),
        ("prefilled", "frozen"),
    ]  # fmt: skip


async def test_the_permission_of_a_person_can_be_denied_in_a_row() -> None:
    """Then no contact of the row is taken. What is neither yes nor no is a fault."""
    world, session, _ = await begun()
    rows = [
        {"identifier": name, "language": "fr", "email": f"{name}@mail.example", "permission": word}
        for name, word in (("ada", "Non"), ("bob", "maybe"))
    ]
    denied, unclear = await world.prefill(session, *rows)
    assert [(cell.column, cell.reason) for cell in denied.cells] == [("language", None), ("email", "no_permission")]
    assert (denied.code, unclear.code) == ("no_permission", "bad_permission")
    assert [cell.reason for cell in unclear.cells] == [None, "not_allowed", "no_permission"]


async def test_an_import_that_has_expired_is_found_by_nobody() -> None:
    """Its message is consumed."""
    world, session, _ = await begun()
    await world.service.use(WorkImport)("20260302-aaaaaaaaaaaaaaaaaaaaaa", world.trail)
    with pytest.raises(NotFound):
        await world.service.use(ViewImport)(session, "20260302-aaaaaaaaaaaaaaaaaaaaaa", world.trail)
