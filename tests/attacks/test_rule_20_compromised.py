"""Rules 20, 27 and 29: what was declared compromised helps no thief, who has the password and every method too."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC

import pytest

from shared.domain.errors import ActivationRequired, AnswerRefused, InvalidInput, ProofRequired, Refused, SignInRequired
from shared.domain.person import NEVER_FIRST, MethodState
from shared.domain.reminders import Daytime, next_reminder
from shared.domain.reregistration import Renewals
from shared.domain.trail import Tag
from shared.methods import SentCodeMethod
from shared.usecases.ask_proof import AskProof
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.report_loss import ReportLoss
from shared.usecases.require_registration import RequireRegistration
from shared.usecases.view_registration import ViewRegistration
from tests.attacks.letters import NEW_EMAIL, enter, letter, office
from tests.attacks.no_limits import STRANGER
from tests.attacks.test_rule_20_stolen_sign_in import (
    THIEFS,
    administrator,
    all_are_claimed_lost,
    contacts_are_overwritten,
    every_message_bounces,
    everything_is_overdue,
    nothing_else,
    proved_by,
    registration_is_forced,
)
from tests.builders import CLIENT, EMAIL, PHONE, World, a_method
from tests.usecases.test_life_of_every_method import Life
from tests.usecases.test_life_of_every_method import life as life  # noqa: PLC0414  a fixture

WHY = "mailbox was broken into"


async def declare(world: World, method: str = "") -> bool:
    if world.row("avery").object_id is None:
        await administrator(world)
    wanted, avery = Renewals(method=method, compromised=True), await world.sign_in("avery")
    return await world.service.use(RequireRegistration)(avery, "ada", WHY, world.trail, wanted)


def states(world: World) -> dict[str, bool]:
    return {method.name: method.is_compromised for method in world.row().methods}


async def change_everything(world: World, proof: str | None = None) -> None:
    """As somebody who can only sign in, and has a proof of before: confirm again, replace, remove, lose, put off."""
    session = await world.sign_in(client=STRANGER)
    begin, remove = world.service.use(BeginMethod), world.service.use(RemoveMethod)
    await world.service.use(Reconfirm)(session, world.trail)
    await world.service.use(Reconfirm).later(session, world.trail)
    for one in world.row().methods:
        by_code = one.name in THIEFS
        wishes = [Wish(proof=proof), Wish(contact=THIEFS[one.name], proof=proof)] if by_code else []
        for wish in wishes or [Wish(proof=proof), Wish(credential=one.credential, proof=proof)]:
            with pytest.raises(ActivationRequired):
                await begin(session, one.name, wish, world.trail, client=STRANGER)
        with pytest.raises(ActivationRequired):
            await remove(session, one.name, world.trail, credential=one.credential, proof=proof)
        with pytest.raises(InvalidInput, match="not_registered"):
            await world.service.use(AskProof)(
                session, one.name, world.trail, proof=None, channel=None, client=STRANGER, language="en"
            )
    with pytest.raises(ActivationRequired):
        await world.service.use(ReportLoss)(session, world.trail, client=STRANGER)
    with pytest.raises(Refused):
        await world.confirm(session, "email", "12345678")


@pytest.mark.parametrize(
    "before",
    [
        nothing_else, registration_is_forced, contacts_are_overwritten, every_message_bounces, all_are_claimed_lost,
        everything_is_overdue,
    ],
)  # fmt: skip
async def test_who_has_the_password_and_every_method_gets_round_it_by_nothing(
    life: Life, before: Callable[[World], Awaitable[None]]
) -> None:
    """Not with what was begun or proved before, nor by waiting. The page says that it takes the helpdesk."""
    world = life.world
    world.clock.move(days=2)
    await before(world)
    proof = None
    if before is not all_are_claimed_lost:  # any right answer ends that wait
        proof = await proved_by(life, life.held)
        await world.begin(life.session, "email", THIEFS["email"], proof=proof)
    life.session = await world.sign_in()
    assert await declare(world)
    assert not await declare(world)
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration)(life.session)
    confirmed = {one.destination for one in world.row().confirmed}
    await change_everything(world, proof)
    await contacts_are_overwritten(world)
    world.clock.move(days=30)
    await change_everything(world)
    mine = [one for one in world.row().methods if one.state is not MethodState.PREFILLED]
    assert {one.destination for one in mine} == confirmed
    assert all(one.is_compromised for one in mine)
    asked = await world.asked(await world.sign_in())
    view = await world.service.use(ViewRegistration)(await world.sign_in())
    assert (asked.status, asked.needs_activation, view.needs_activation, view.ready) == (
        "must_register",
        True,
        True,
        False,
    )
    assert {one.state for one in view.methods} <= {"compromised", "prefilled"}
    for held in (one for one in (life.other, life.held) if one.method.evidence not in NEVER_FIRST):
        if isinstance(held.method, SentCodeMethod):
            sent = len(world.messages(held.method.name))
            await world.challenge(await world.start(), held.method.name)
            assert len(world.messages(held.method.name)) == sent
        else:
            token, answer = await held.asked(await world.start())
            with pytest.raises(AnswerRefused):
                await world.answer(token, answer)


async def test_the_owner_gets_out_with_an_activation_that_is_issued_afterwards() -> None:
    """An earlier code has ended. What is registered rests, also the number that she has kept; then it proves again."""
    world = await office()
    early = await letter(world, "ada")
    assert await declare(world)
    await world.tell()
    sent = [message for channel in world.adapters.channels.values() for message in channel.messages]
    assert {message.to for message in sent if "may have" in message.text} == {EMAIL, PHONE}
    assert [(event.actor, event.reason) for event in world.trail.events if event.tag is Tag.METHODS_COMPROMISED] == [
        (world.key_of("avery"), WHY)
    ]
    assert next_reminder(world.row(), Daytime(UTC, world.policy), world.clock.now()) is None
    with pytest.raises(Refused):
        await enter(world, early, "ada")
    token = await enter(world, await letter(world, "ada"), "ada")
    await world.register(token, "email", NEW_EMAIL)
    view = await world.register(token, "mobile_phone", None)
    assert (view.needs_activation, view.ready, view.ready_from is not None) == (False, False, True)
    assert states(world) == {"email": False, "mobile_phone": False}
    await world.tell()
    assert world.objection(EMAIL) == ""
    world.clock.move(hours=25)
    await world.complete(await world.prove())


async def test_what_is_left_proves_as_usual_and_the_compromised_one_is_not_brought_back() -> None:
    """With it goes what is at the same number. The old address cannot object, and no objection brings it back."""
    world = await office(methods=("email", "mobile_phone", "office_phone"))
    row = world.row()
    world.people.put(replace(row, methods=(*row.methods, a_method("office_phone", PHONE, row.account))))
    assert await declare(world, "email")
    assert states(world) == {"email": True, "mobile_phone": False, "office_phone": False}
    session = await world.sign_in()
    begin = world.service.use(BeginMethod)
    for refused, wish in ((ActivationRequired, Wish()), (ProofRequired, Wish(contact=NEW_EMAIL))):
        with pytest.raises(refused):
            await begin(session, "email", wish, world.trail)
    with pytest.raises(ActivationRequired):
        await world.service.use(ReportLoss)(session, world.trail, client=CLIENT)
    assert (await world.asked(session)).needs_activation is False
    world.proofs[session] = await world.prove_change(session, "mobile_phone")
    with pytest.raises(ActivationRequired):
        await begin(session, "email", Wish(proof=world.proofs[session]), world.trail)
    await world.register(session, "email", NEW_EMAIL)
    assert not any(states(world).values())
    await world.tell()
    assert world.objection(EMAIL) == ""
    await world.object_to(world.objection(PHONE))
    assert world.row().frozen_at is not None
    assert world.row().method("email") is None
    assert await declare(world, "mobile_phone")
    assert states(world) == {"mobile_phone": True, "office_phone": True}
