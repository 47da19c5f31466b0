"""Rules 20, 21 and 23: who only stole a sign-in changes nothing, whatever came before, and every address hears of it.

For every method on offer, and with its owner, who is never left without a way on.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from shared.domain.errors import AnswerRefused, NotAllowed, NotFound, ProofRequired, SignInRequired
from shared.domain.person import NEVER_FIRST, MethodState
from shared.domain.roles import Role
from shared.domain.trail import Tag
from shared.methods import REGISTERED, SentCodeMethod
from shared.usecases.ask_proof import AskProof
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.give_proof import GiveProof
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.report_loss import ReportLoss
from shared.usecases.require_registration import RequireRegistration
from shared.usecases.verify import Granted, NextGate
from shared.usecases.view_registration import ViewRegistration
from tests.attacks.no_limits import STRANGER
from tests.builders import CLIENT, WHY, World
from tests.usecases.test_life_of_every_method import METHODS, Held, Life, facts
from tests.usecases.test_life_of_every_method import life as life  # noqa: PLC0414  a fixture

THIEFS = {
    one.name: list(dict.fromkeys(facts(one).TAKEN.values()))[-1]
    for one in REGISTERED
    if isinstance(one, SentCodeMethod)
} | {"email": "thief@elsewhere.example", "mobile_phone": "+33639980066"}
TOLD = "tried to change your sign-in methods"


async def administrator(world: World) -> str:
    if "avery" not in world.sessions:
        await world.account("avery", roles=frozenset({Role.ADMINISTRATOR}))
        world.sessions["avery"] = await world.sign_in("avery")
    return world.sessions["avery"]


async def nothing_else(world: World) -> None:
    """The thief has the password and comes at any time."""


async def registration_is_forced(world: World) -> None:
    """An administrator asks Ada to confirm everything again."""
    assert await world.service.use(RequireRegistration)(await administrator(world), "ada", WHY, world.trail)


async def contacts_are_overwritten(world: World) -> None:
    """A file of an administrator has other contacts, perhaps those of the thief."""
    cells = {name: contact for name, contact in THIEFS.items() if name in {m.name for m in METHODS}}
    session = await administrator(world)
    await world.prefill(session, {"identifier": "ada", **cells})


async def every_message_bounces(world: World) -> None:
    row, now = world.row(), world.clock.now()
    world.people.put(replace(row, methods=tuple(replace(method, suspect_at=now) for method in row.methods)))


async def all_are_claimed_lost(world: World) -> None:
    """By the thief, six of seven days ago."""
    await world.service.use(ReportLoss)(await world.sign_in(), world.trail, client=STRANGER)
    world.clock.move(days=6)


async def everything_is_overdue(world: World) -> None:
    world.clock.move(days=400)


BEFORE: list[Callable[[World], Awaitable[None]]] = [
    nothing_else, registration_is_forced, contacts_are_overwritten, every_message_bounces, all_are_claimed_lost,
    everything_is_overdue,
]  # fmt: skip


async def tries_every_change(world: World) -> None:
    """Add each method, replace each, take what is prefilled, reconfirm, remove each."""
    session = await world.sign_in(client=STRANGER)
    begin, remove, mine = world.service.use(BeginMethod), world.service.use(RemoveMethod), world.row().methods
    await world.service.use(Reconfirm)(session, world.trail)
    for method in METHODS:
        wishes = [Wish(credential=one.credential) for one in mine if one.credential and one.name == method.name]
        if isinstance(method, SentCodeMethod):
            wishes = [Wish(contact=THIEFS[method.name])]
            wishes += [Wish() for one in mine if one.name == method.name and one.state is MethodState.PREFILLED]
        for wish in wishes or [Wish()]:
            with pytest.raises(ProofRequired):
                await begin(session, method.name, wish, world.trail, client=STRANGER)
    for one in mine:
        with pytest.raises(ProofRequired):
            await remove(session, one.name, world.trail, credential=one.credential, client=STRANGER)


def heard(world: World) -> set[str]:
    """Return the addresses and numbers that were told of a change without a proof."""
    sent = [message for channel in world.adapters.channels.values() for message in channel.messages]
    return {message.to for message in sent if TOLD in message.text}


async def proved_by(life: Life, held: Held) -> str:
    """Return a proof by the method of the owner, or by the other one if it can prove no change."""
    if held.method.evidence in NEVER_FIRST:
        held = life.other
    world, session = life.world, await life.world.sign_in()
    asked = await world.service.use(AskProof)(
        session, held.method.name, world.trail, proof=None, channel=None, client=CLIENT, language="en"
    )
    await world.deliver()
    by_code = isinstance(held.method, SentCodeMethod)
    answer = world.code(held.method.name) if by_code else held.answer(asked.shown)
    proof, _ = await world.service.use(GiveProof)(session, asked.proof, answer, world.trail, client=CLIENT)
    world.proofs[session] = proof
    life.session = session
    return proof


@pytest.mark.parametrize("before", BEFORE)
async def test_a_stolen_sign_in_changes_nothing_and_every_address_hears_of_it(
    life: Life, before: Callable[[World], Awaitable[None]]
) -> None:
    """No proof comes in time, so it was not the owner. She then makes a change herself, by the same method."""
    world = life.world
    world.clock.move(days=2)
    await before(world)
    confirmed = {(one.name, one.destination) for one in world.row().confirmed}
    await tries_every_change(world)
    assert {(one.name, one.destination) for one in world.row().confirmed} == confirmed
    assert not world.row().pending
    world.clock.move(minutes=20)
    await world.tell()
    contacts = {held.contact for held in (life.held, life.other) if isinstance(held.method, SentCodeMethod)}
    assert heard(world) == contacts
    proof = await proved_by(life, life.held)
    await world.service.use(RemoveMethod)(
        life.session, life.other.method.name, world.trail, credential=life.other.credential, proof=proof
    )
    assert life.other.method.name not in {one.name for one in world.row().confirmed}


async def test_the_owner_who_proves_the_change_in_time_is_not_told(life: Life) -> None:
    """She comes the same way, however often it was tried. A thief who tries later is told all the same, once a day."""
    world = life.world
    world.clock.move(days=1, minutes=3)
    for _ in range(world.policy.sends_per_registration_hour):
        await tries_every_change(world)
    proof = await proved_by(life, life.held)
    new = Wish(contact=THIEFS["mobile_phone"], proof=proof)  # what was refused has spent nothing of hers
    await world.service.use(BeginMethod)(life.session, "mobile_phone", new, world.trail)
    world.clock.move(minutes=20)
    await world.tell()
    assert heard(world) == set()
    for days, times in ((0, 1), (0, 1), (1, 2)):
        world.clock.move(days=days, minutes=30)
        await tries_every_change(world)
        world.clock.move(minutes=20)
        await world.tell()
        texts = [message.text for channel in world.adapters.channels.values() for message in channel.messages]
        assert sum(TOLD in text for text in texts) == times * len(heard(world))


async def test_after_a_forced_registration_no_method_opens_a_gate_until_it_has_answered_again(life: Life) -> None:
    """Strangers see what they see of an account without methods. The owner confirms each and resets again."""
    world = life.world
    world.clock.move(days=1)
    await registration_is_forced(world)
    alone = [held for held in (life.other, life.held) if held.method.evidence not in NEVER_FIRST]
    for held in alone:
        if isinstance(held.method, SentCodeMethod):
            before = len(world.messages(held.method.name))
            await world.challenge(await world.start(), held.method.name)
            assert len(world.messages(held.method.name)) == before
        else:
            token, answer = await held.asked(await world.start())
            with pytest.raises(AnswerRefused):
                await world.answer(token, answer)
            world.clock.move(minutes=2)
    session = await world.sign_in()
    view = await world.service.use(ViewRegistration)(session)
    assert {method.method for method in view.methods if method.state == "renew"} == {held.method.name for held in alone}
    assert (view.ready, view.ready_from, bool(view.lacks)) == (False, None, True)
    world.clock.move(minutes=2)
    for held in alone:
        await proved_by(life, held)
        world.clock.move(minutes=2)
    assert not any(method.must_renew for method in world.row().methods)
    passed = await life.pass_gate(await world.start(), life.other)
    assert isinstance(passed, NextGate)
    assert isinstance(await life.pass_gate(passed.verification_token, life.held), Granted)


async def test_a_forced_registration_ends_sessions_and_is_told_and_recorded(life: Life) -> None:
    """To every address. Nobody forces their own, and an unknown name or an account without methods changes nothing."""
    world, require = life.world, life.world.service.use(RequireRegistration)
    avery = await administrator(world)
    with pytest.raises(NotAllowed):
        await require(avery, "avery", WHY, world.trail)
    await world.account("noor")
    assert not await require(avery, "noor", WHY, world.trail)
    with pytest.raises(NotFound):
        await require(avery, "nobody", WHY, world.trail)
    assert await require(avery, "ada", WHY, world.trail)
    assert not await require(avery, "ada", WHY, world.trail)
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration)(life.session)
    causes = [event.cause for event in world.trail.events if event.tag is Tag.REREGISTRATION]
    assert causes == ["nothing_confirmed", "unknown_identifier", "", "nothing_confirmed"]
    await world.tell()
    assert any("confirm your sign-in methods again" in text for text in world.messages(life.other.method.name))
