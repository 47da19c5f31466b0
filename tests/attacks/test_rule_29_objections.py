"""Rule 29: a code from the notice of a change stops it, and self-service with it. It helps nobody else."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import AnswerRefused, BotCheckRequired, Frozen, InvalidInput, Limited, Refused, SignInRequired
from shared.domain.person import Person
from shared.domain.trail import Tag, Trail
from shared.usecases.ask_proof import AskProof
from shared.usecases.change_password import ChangePassword
from shared.usecases.give_proof import GiveProof
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.view_registration import ViewRegistration
from tests.attacks.authenticator import APP, an_app
from tests.attacks.no_limits import STRANGER
from tests.attacks.test_rule_09_strangers import CountingKeyring
from tests.builders import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, PHONE, World, a_world, solved
from tests.fakes.keys import a_keyring

THIEFS, WRONG = "thief@elsewhere.example", "00000-00000"


async def changes_the_address(world: World, session: str) -> None:
    await world.register(session, "email", THIEFS)


async def removes_the_address(world: World, session: str) -> None:
    await world.remove(session, "email")


async def adds_an_app(world: World, session: str) -> None:
    begun = await world.begin(session, APP)
    world.sessions["ada " + f"{world.clock.at:%d %H}"] = session
    assert begun.enrolment is not None
    await an_app(world)


async def removes_the_app(world: World, session: str) -> None:
    await world.remove(session, APP, credential=world.row().methods[-1].credential)


CHANGES: dict[str, Callable[[World, str], Awaitable[None]]] = {
    made.__name__: made for made in (changes_the_address, removes_the_address, adds_an_app, removes_the_app)
}


async def changed(change: str = "changes_the_address", **knobs: Any) -> tuple[World, str, Person]:
    """Somebody with the session of ada makes that change, with a proof by her phone. Return her row before it."""
    world = a_world(**knobs)
    await world.ada()
    if change == "removes_the_app":
        await an_app(world)
        world.clock.move(hours=30)
    session, before = await world.sign_in(), world.row()
    await world.prove_change(session, "mobile_phone")
    await CHANGES[change](world, session)
    await world.tell()
    return world, session, before


def registered(person: Person) -> set[tuple[str, str, Any]]:
    return {(method.name, method.destination, method.label) for method in person.confirmed}


@pytest.mark.parametrize("change", CHANGES)
async def test_the_code_of_an_earlier_address_undoes_the_change_and_ends_everything(change: str) -> None:
    """Methods are as before, sessions and verifications end, nobody changes anything, and everybody is told."""
    world, session, before = await changed(change)
    row, code = world.row(), world.objection(PHONE)
    await world.begin(session, "email", "another@elsewhere.example")
    await world.object_to(f" {code.lower().replace('-', ' ')} ".replace("0", "o"))
    after = world.row()
    assert registered(after) == registered(before) != registered(row)
    assert not after.pending
    assert {row.version, row.session_version}.isdisjoint({after.version, after.session_version})
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration)(session)
    again = await world.sign_in()
    await world.service.use(ViewRegistration)(again)
    for refused in (
        world.begin(again, "email", THIEFS),
        world.service.use(RemoveMethod)(again, "email", world.trail),
        world.service.use(Reconfirm)(again, world.trail),
        world.prove_change(again),
        world.service.use(ChangePassword)(again, PASSWORD, NEW_PASSWORD, world.trail),
    ):
        with pytest.raises(Frozen):
            await refused
    await world.tell()
    assert "self-service is stopped" in world.adapters.email.messages[-1].subject
    assert [event.tag for event in world.trail.events].count(Tag.CHANGE_STOPPED) == 1


async def test_a_code_goes_to_those_only_who_may_stop_the_change() -> None:
    """Not to what the change added, and not to an earlier removed address, which could stop everything for a month."""
    world, session, _ = await changed()
    assert [bool(world.objection(to)) for to in (EMAIL, PHONE, THIEFS)] == [True, True, False]
    world.clock.move(minutes=5)
    await world.remove(session, "mobile_phone")
    await world.tell()
    assert [bool(world.objection(to)) for to in (EMAIL, PHONE, THIEFS)] == [False, True, True]


async def test_a_removed_address_can_bring_back_itself_and_stop_nothing_else() -> None:
    """It was told of the second change while it stood, and lost that power with its own removal."""
    world, session, _ = await changed("adds_an_app")
    code, at = world.objection(EMAIL), world.clock.at
    await world.remove(session, "email")
    await world.object_to(code)
    assert world.row().frozen_at is None
    await world.tell()
    assert world.clock.at == at
    await world.object_to(world.objection(EMAIL))
    assert {method.name for method in world.row().confirmed} == {"email", "mobile_phone", APP}


@pytest.mark.parametrize(
    ("gates", "proofs", "hours", "has_code"),
    [
        (1, ("mobile_phone",), 30, False), (1, ("email",), 30, True), (2, ("mobile_phone",), 73, True),
        (2, ("mobile_phone", APP), 73, False), (2, ("mobile_phone", APP), 71, True), (2, ("email", APP), 73, True),
    ],
)  # fmt: skip
async def test_a_removal_that_all_gates_have_proved_cannot_be_stopped_by_what_it_removes(
    gates: int, proofs: tuple[str, ...], hours: int, has_code: bool
) -> None:
    """The owner gets rid of a mailbox that others read. An app so new that the mailbox may object is no proof."""
    world = a_world(gates=gates)
    await world.ada()
    app = await an_app(world)
    world.clock.move(hours=hours)
    session, trail = await world.sign_in(), Trail()
    proof = await world.prove_change(session, proofs[0])
    if len(proofs) > 1:
        ask = world.service.use(AskProof)
        asked = await ask(session, APP, trail, proof=proof, channel=None, client=CLIENT, language="en")
        proof, _ = await world.service.use(GiveProof)(session, asked.proof, app.code(), trail, client=CLIENT)
    await world.service.use(RemoveMethod)(session, "email", world.trail, proof=proof)
    await world.tell()
    assert (bool(world.objection(EMAIL)), bool(world.objection(PHONE))) == (has_code, True)


async def test_a_removed_app_comes_back_in_place_of_the_newest() -> None:
    """There are three apps at most, and a thief may have filled the place."""
    world = a_world()
    await world.account("ada", mobile_phone=PHONE)
    for _ in range(3):
        await an_app(world)
    before = world.row()
    world.clock.move(hours=30)
    session = await world.sign_in()
    await world.remove(session, APP, credential=before.methods[1].credential)
    await world.tell()
    code = world.objection(PHONE)
    await adds_an_app(world, session)
    await world.object_to(code)
    assert registered(world.row()) == registered(before)


async def test_a_method_of_a_thief_that_rests_cannot_freeze_its_victim() -> None:
    """The thief knows the password and adds an address without a proof. The owner removes it and is not frozen."""
    world = a_world()
    await world.account("ada", mobile_phone=PHONE)
    row, session = world.row(), await world.sign_in()
    world.people.put(replace(row, methods=()))
    await world.begin(session, "email", THIEFS)
    await world.deliver()
    world.people.put(replace(world.row(), methods=row.methods))
    await world.confirm(session, "email")
    await world.tell()
    assert (bool(world.objection(PHONE)), bool(world.objection(THIEFS))) == (True, False)
    await adds_an_app(world, session)
    await world.tell()
    assert (bool(world.objection(PHONE)), bool(world.objection(THIEFS))) == (True, False)
    await world.remove(session, "email")
    await world.tell()
    assert (bool(world.objection(PHONE)), bool(world.objection(THIEFS))) == (True, False)


async def other_accounts(world: World, code: str) -> str:
    await world.account("eve", email="eve@mail.example", mobile_phone="+33639980009")
    session = await world.sign_in("eve")
    await world.remove(session, "email")
    await world.tell()
    assert code
    return world.objection("+33639980009")


async def used(world: World, code: str) -> str:
    await world.object_to(code)
    world.people.put(replace(world.row(), frozen_at=None))
    return code


async def late(world: World, code: str) -> str:
    world.clock.move(hours=72)
    return code


async def guessed(world: World, code: str) -> str:
    assert world
    assert code
    return WRONG


@pytest.mark.parametrize("how", [guessed, used, late, other_accounts])
async def test_every_other_code_changes_nothing(how: Callable[[World, str], Awaitable[str]]) -> None:
    """The answer is the same: none."""
    world, _, _ = await changed()
    code = await how(world, world.objection(PHONE))
    before = world.row()
    await world.object_to(code)
    assert replace(world.row(), ring=before.ring) == before


async def test_a_code_is_good_until_its_last_second_and_after_any_number_of_wrong_ones() -> None:
    """Strangers who type wrong codes end neither the code nor the way to enter it: the bot check opens more."""
    world, _, _ = await changed(starts_per_name_hour=3, starts_per_client_minute=1000, starts_per_client_hour=1000)
    code = world.objection(PHONE)
    world.clock.move(hours=71, minutes=59, seconds=59)
    for n in range(12):
        solution = ""
        for _ in range(2):
            try:
                await world.object_to(WRONG, client=f"198.51.100.{n}", solution=solution)
            except BotCheckRequired as asked:
                solution = solved(asked)
    with pytest.raises(BotCheckRequired) as asked_for:
        await world.object_to(code, client="192.0.2.1")
    await world.object_to(code, client="192.0.2.1", solution=solved(asked_for.value))
    assert world.row().frozen_at == world.clock.at


async def test_one_client_cannot_go_on_without_end() -> None:
    """Its own limit opens once, by the bot check, and is then hard, for names that exist and names that do not."""
    world = a_world(starts_per_client_minute=2)
    for _ in range(2):
        await world.object_to(WRONG, "nobody")
    for _ in range(2):
        with pytest.raises(BotCheckRequired) as asked:
            await world.object_to(WRONG, "nobody")
        await world.object_to(WRONG, "nobody", solution=solved(asked.value))
    with pytest.raises(BotCheckRequired) as asked:
        await world.object_to(WRONG, "nobody")
    with pytest.raises(Limited):
        await world.object_to(WRONG, "nobody", solution=solved(asked.value))


@pytest.mark.parametrize(
    "text", ["", "0000-0000", "U0000-00000", "00000-000000", "0000 0000 \u0131", "00000-00000, 11111-11111"]
)
async def test_what_no_code_looks_like_is_refused_for_everybody_at_no_cost(text: str) -> None:
    """It is neither counted nor compared (rule 19)."""
    world = a_world()
    with pytest.raises(InvalidInput):
        await world.object_to(text)
    assert (world.adapters.limiter.hits.total(), world.people.reads) == (0, 0)


async def test_parallel_uses_stop_one_change_once() -> None:
    """One notice, one event, whatever the order of the writes."""
    world, _, before = await changed()
    code = world.objection(PHONE)
    await asyncio.gather(*(world.object_to(code) for _ in range(9)))
    assert [notice.template for notice in world.row().notices] == ["frozen"]
    assert [event.tag for event in world.trail.events].count(Tag.CHANGE_STOPPED) == 1
    assert registered(world.row()) == registered(before)


async def test_each_change_is_undone_by_its_own_code_also_while_self_service_is_frozen() -> None:
    """A thief made two changes. There is one notice of the freeze."""
    world, session, before = await changed()
    codes = [world.objection(PHONE)]
    await adds_an_app(world, session)
    await world.tell()
    codes.append(world.objection(PHONE))
    for code in codes:
        await world.object_to(code)
    assert registered(world.row()) == registered(before)
    assert [notice.template for notice in world.row().notices] == ["frozen"]


@pytest.mark.parametrize("then", ["replaces", "removes", "replaces_an_app"])
async def test_no_later_code_brings_back_what_an_objection_undid(then: str) -> None:
    """A thief changes an own address twice, to have a code too, and uses it after the owner's."""
    world = a_world()
    await world.account("ada", mobile_phone=PHONE, **({"email": EMAIL} if then == "replaces" else {}))
    if then == "replaces_an_app":
        await an_app(world)
        world.clock.move(hours=30)
    session, before, codes = await world.sign_in(), world.row(), []
    await world.prove_change(session, "mobile_phone")
    for nth in range(2):
        if then == "replaces_an_app":
            world.sessions["ada " + f"{world.clock.at:%d %H}"] = session
            await an_app(world, credential=world.row().methods[-1].credential)
        elif nth and then == "removes":
            await world.remove(session, "email")
        else:
            await world.register(session, "email", f"{nth}{THIEFS}")
        await world.tell()
        codes.append(world.objection(f"0{THIEFS}" if nth and then != "replaces_an_app" else PHONE))
    for code in codes:
        await world.object_to(code)
        assert registered(world.row()) == registered(before)


async def test_every_objection_costs_the_same() -> None:
    """Known and unknown names; right, wrong, used and no code at all: calls to the row, limits, digests, events."""
    world = a_world()
    world.adapters.keyring = CountingKeyring(**{name: getattr(a_keyring(), name) for name in a_keyring().__slots__})
    world.forget_what_was_built()
    await world.ada()
    await world.account("unregistered")
    session = await world.sign_in()
    await world.register(session, "email", THIEFS)
    await world.tell()
    code, seen = world.objection(PHONE), []
    for name, typed in (("ada", WRONG), ("ada", code), ("ada", code), ("unregistered", WRONG), ("nobody", WRONG)):
        before = Spent(world)
        await world.object_to(typed, name, client=f"198.51.100.{len(seen)}")
        seen.append(Spent(world).since(before))
    assert seen == [seen[0]] * 5
    assert seen[0][:2] == (1, 1)


class Spent:
    """What was spent so far."""

    def __init__(self, world: World) -> None:
        calls, hits = CountingKeyring.calls, world.adapters.limiter.hits.total()
        self.counts = (world.people.reads, world.people.writes, calls["digest"], hits, len(world.trail.events))

    def since(self, before: "Spent") -> tuple[int, ...]:
        return tuple(now - then for now, then in zip(self.counts, before.counts, strict=True))


async def test_strangers_cannot_tell_a_frozen_account_and_the_owner_is_told_after_the_proof() -> None:
    """Nothing is sent, and right answers are wrong and counted. Whoever has passed both gates is told."""
    world, _, _ = await changed(gates=2)
    app_code = world.objection(PHONE)
    token = await world.prove("ada", "email", "mobile_phone")
    live = await world.challenge(await world.start(client=STRANGER), "mobile_phone", client=STRANGER)
    sent = world.code("mobile_phone")
    await world.object_to(app_code)
    messages = len(world.messages("mobile_phone"))
    with pytest.raises(AnswerRefused):
        await world.answer(live, sent, client=STRANGER)
    fresh = await world.challenge(await world.start(), "mobile_phone")
    with pytest.raises(AnswerRefused):
        await world.answer(fresh, "11111111")
    assert len(world.messages("mobile_phone")) == messages
    assert world.row().failures["reset:1:mobile_phone"].count == 2
    with pytest.raises(Frozen):
        await world.complete(token)


async def test_many_changes_push_out_neither_the_code_nor_the_address_of_the_owner() -> None:
    """A thief with the phone changes the address all day and the next. The owner's was there for longer."""
    world, session, before = await changed(method_change_seconds=1800, sends_per_registration_hour=100)
    code = world.objection(EMAIL)
    for day in range(2):
        session = await world.sign_in()
        for n in range(9):
            proof = await world.prove_change(session, "mobile_phone") if n == 0 else None
            await world.begin(session, "email", f"{day}{n}@elsewhere.example", **({"proof": proof} if proof else {}))
            await world.deliver()
            await world.confirm(session, "email")
        world.clock.move(hours=25)
    await world.object_to(code)
    assert registered(world.row()) == registered(before)
    world.adapters.email.messages.clear()
    await world.tell()
    assert EMAIL in {message.to for message in world.adapters.email.messages}


async def test_sessions_that_an_objection_ended_stay_ended_after_a_refused_reset() -> None:
    """The directory refuses the thief's password meanwhile, and the sessions from before the reset would come back."""
    world, session, _ = await changed(gates=2)
    code, token = world.objection(PHONE), await world.prove("ada", "email", "mobile_phone")
    world.clock.move(seconds=1)
    set_password = world.directory.set_password

    async def refuses(*given: Any) -> str:
        await world.object_to(code)
        await world.directory.set_enabled("ada", enabled=False)
        return await set_password(*given)

    world.directory.set_password = refuses  # type: ignore[method-assign]
    with pytest.raises(Refused):
        await world.complete(token)
    await world.directory.set_enabled("ada", enabled=True)
    assert not world.row().completion
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration)(session)
