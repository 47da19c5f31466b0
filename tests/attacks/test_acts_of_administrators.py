"""Rules 12, 20, 21, 24, 27 and 29: what administrators see of a person and do to one, and what a thief gains by it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.closed import Closed
from shared.domain.errors import (
    ActivationRequired,
    AnswerRefused,
    Frozen,
    InvalidInput,
    Limited,
    NotAllowed,
    NotFound,
    ProofRequired,
    Refused,
    SignInAgain,
    SignInRequired,
)
from shared.domain.limits import REVEALS
from shared.domain.next_step import NextStep
from shared.domain.person import Failures, MethodState, Offer
from shared.domain.reregistration import Renewals
from shared.domain.roles import Role
from shared.domain.trail import AuditEvent, Tag
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.freeze import Freeze
from shared.usecases.report_loss import ReportLoss
from shared.usecases.require_registration import RequireRegistration
from shared.usecases.reveal_contact import RevealContact
from shared.usecases.take_method import TakeMethod
from shared.usecases.view_activity import ViewActivity
from shared.usecases.view_person import PersonView, ViewPerson
from shared.usecases.view_timeline import ViewTimeline
from tests.attacks.letters import ask, enter, letter, office
from tests.builders import CLIENT, EMAIL, PHONE, World, a_method, a_world, at, prefilled

WHY = "called back on the desk phone"

Act = Callable[[World, str, str], Awaitable[Any]]

ACTS: dict[str, Act] = {
    "reveal": lambda world, session, name: world.service.use(RevealContact)(session, name, "email", WHY, world.trail),
    "freeze": lambda world, session, name: world.service.use(Freeze)(session, name, WHY, world.trail),
    "thaw": lambda world, session, name: world.service.use(Freeze).thaw(session, name, WHY, world.trail),
    "remove": lambda world, session, name: world.service.use(TakeMethod)(session, name, "email", WHY, world.trail),
}
TAGS = {"reveal": Tag.CONTACT_REVEALED, "freeze": Tag.FROZEN, "thaw": Tag.THAWED, "remove": Tag.METHOD_TAKEN}
every_act = pytest.mark.parametrize("act", ACTS)


async def administered(**row: Any) -> tuple[World, str]:
    """Ada has an address and a phone. Return the session of Avery, an administrator."""
    world = a_world()
    await world.ada(**row)
    await world.account("avery", roles=frozenset({Role.ADMINISTRATOR}), email="avery@mail.example")
    return world, await world.sign_in("avery")


async def see(world: World, session: str, name: str = "ada") -> PersonView:
    return await world.service.use(ViewPerson)(session, name, world.trail)


@every_act
async def test_an_act_needs_a_recent_sign_in_another_account_and_a_name_that_somebody_has(act: str) -> None:
    """Nothing is written otherwise. What is done names both parties and why, and its owner sees it in the activity."""
    world, session = await administered(frozen_at=at() if act == "thaw" else None)
    before = dict(world.people.rows)
    for refused, who, name in ((NotFound, session, "nobody"), (NotAllowed, session, "avery")):
        with pytest.raises(refused):
            await ACTS[act](world, who, name)
    with pytest.raises(NotAllowed):
        await ACTS[act](world, await world.sign_in("ada") if act != "thaw" else session, "avery")
    world.people.rows.update(before)
    world.clock.move(seconds=world.policy.method_change_seconds)
    with pytest.raises(SignInAgain):
        await ACTS[act](world, session, "ada")
    await ACTS[act](world, await world.sign_in("avery"), "ADA")
    event = world.trail.events[-1]
    assert (event.tag, event.account, event.actor) == (TAGS[act], world.key_of("ada"), world.key_of("avery"))
    nothing = replace(event, cause="nothing_closed", at=event.at + timedelta(seconds=1))
    await world.adapters.audit_log.record([event, nothing], record_id="act")
    seen = await world.service.use(ViewActivity)(await world.sign_in("ada"))
    assert (seen[0].what, seen[0].by_administrator, seen[0].not_me) == (TAGS[act], True, None)


async def test_a_contact_is_shown_in_full_on_the_record_only_and_not_without_end() -> None:
    """A view masks it. A secret is shown to nobody, and what is refused is no reveal."""
    world, session = await administered()
    offered = Offer(sealed=a_method("mobile_phone", "+33639980077", world.key_of("ada")).sealed, at=at())
    email, phone = world.row().methods
    world.people.put(replace(world.row(), methods=(email, replace(phone, offer=offered))))
    seen = repr(await see(world, session))
    assert not [contact for contact in (EMAIL, PHONE, "+33639980077") if contact in seen]
    reveal = world.service.use(RevealContact)
    for method in ("authenticator_app", "office_phone", "of no kind"):
        with pytest.raises(InvalidInput):
            await reveal(session, "ada", method, WHY, world.trail)
    assert not [event for event in world.trail.events if event.tag is Tag.CONTACT_REVEALED]
    for _ in range(REVEALS.rates(world.policy)[0].limit - 3):
        assert await reveal(session, "ada", "mobile_phone", WHY, world.trail) == PHONE
    with pytest.raises(Limited):
        await reveal(session, "ada", "mobile_phone", WHY, world.trail)
    assert not world.adapters.sms.messages


async def test_a_freeze_ends_what_is_under_way_and_strangers_cannot_tell_it() -> None:
    """Sessions, a reset, an activation. A right answer is wrong, and only who had passed every gate is told."""
    world = await office()
    code, session = await letter(world, "ada"), await world.sign_in("ada")
    opening = await enter(world, code, "ada")
    proved, live = await world.prove(), await world.challenge(await world.start())
    freeze, administrator = world.service.use(Freeze), await world.sign_in("avery")
    assert await freeze(administrator, "ada", WHY, world.trail)
    assert not await freeze(administrator, "ada", "again", world.trail)
    with pytest.raises(AnswerRefused):
        await world.answer(live, world.code())
    with pytest.raises(Frozen):
        await world.complete(proved)
    for ended in (session, opening):
        with pytest.raises((SignInRequired, Frozen)):
            await world.begin(ended, "email", "thief@elsewhere.example")
    sent = len(world.messages())
    await world.challenge(await world.start())
    assert len(world.messages()) == sent
    with pytest.raises(Frozen):
        await world.begin(await world.sign_in("ada"), "email", "ada@new.example")
    seen = await see(world, administrator)
    assert (seen.closed[0].what, seen.frozen_by, seen.freeze_reason) == (Closed.FROZEN, "avery", WHY)
    assert (seen.next_step, seen.activation) == (NextStep.THAW, None)
    world.adapters.sms.messages.clear()
    await world.tell()
    assert any("administrator stopped" in m.text for m in world.adapters.sms.messages if m.to == PHONE)
    assert await freeze.thaw(administrator, "ada", WHY, world.trail)
    assert not await freeze.thaw(administrator, "ada", WHY, world.trail)
    await world.complete(await world.prove())


async def test_who_never_registered_is_frozen_too() -> None:
    """A thief with the first password must not register first. The row is not taken for one of nobody."""
    world, session = await administered()
    await world.account("noor", object_id=None, password_stamp="")
    assert await world.service.use(Freeze)(session, "noor", WHY, world.trail)
    with pytest.raises(Frozen):
        await world.begin(await world.sign_in("noor"), "email", "thief@elsewhere.example")
    assert not world.row("noor").is_empty


async def test_what_was_removed_last_leaves_no_account_to_whoever_has_the_password() -> None:
    """Not to a thief, nor to the administrator. The removed address is told and can stop it; the rest takes a wait."""
    world, administrator = await administered()
    take = world.service.use(TakeMethod)
    assert not await take(administrator, "ada", "email", WHY, world.trail)
    assert await take(administrator, "ada", "mobile_phone", WHY, world.trail)
    with pytest.raises(InvalidInput):
        await take(administrator, "ada", "mobile_phone", WHY, world.trail)
    seen = await see(world, administrator)
    assert {one.what for one in seen.closed} == {Closed.EMPTIED}
    assert (seen.next_step, len(seen.removed)) == (NextStep.WAIT_OR_ACTIVATE, 2)
    thief = await world.sign_in("ada")
    wish = Wish(contact="thief@elsewhere.example")
    with pytest.raises(ProofRequired) as asked:
        await world.service.use(BeginMethod)(thief, "email", wish, world.trail)
    assert asked.value.methods == ()
    await world.tell()
    stops = world.objection(PHONE)
    assert stops
    await world.service.use(ReportLoss)(thief, world.trail, client=CLIENT)
    world.clock.move(days=world.policy.loss_wait_days)
    world.clock.at += CLOCK_MARGIN
    await world.register(await world.sign_in("ada"), "email", "ada@new.example")
    assert not world.row().emptied


async def test_a_compromised_method_is_not_removed_while_every_change_takes_an_activation() -> None:
    """Otherwise a thief of the password would only have to wait, as after a reported loss."""
    world, administrator = await administered()
    require = world.service.use(RequireRegistration)
    await require(administrator, "ada", WHY, world.trail, Renewals(compromised=True))
    with pytest.raises(ActivationRequired):
        await world.service.use(TakeMethod)(administrator, "ada", "email", WHY, world.trail)
    assert (await see(world, administrator)).next_step is NextStep.ISSUE_ACTIVATION


async def test_the_owner_stops_the_removal_by_an_administrator_with_the_code_from_its_notice() -> None:
    """The method is back, and only an administrator starts self-service again."""
    world, administrator = await administered()
    await world.service.use(TakeMethod)(administrator, "ada", "mobile_phone", WHY, world.trail)
    await world.tell()
    assert "administrator" in world.messages("mobile_phone")[-1]
    await world.object_to(world.objection(PHONE))
    assert {method.name for method in world.row().confirmed} == {"email", "mobile_phone"}
    seen = await see(world, administrator)
    assert (seen.closed[0].what, seen.frozen_by, seen.next_step) == (Closed.FROZEN, "", NextStep.THAW)


async def left(world: World) -> None:
    await world.adapters.names.bind(world.adapters.keyring.name_key("ada"), world.key_of("ada"))
    world.directory.accounts = {k: e for k, e in world.directory.accounts.items() if "ada" not in e[0].names}


async def used_up(world: World) -> None:
    row = world.row()
    world.people.put(replace(row, methods=tuple(replace(m, state=MethodState.USED_UP) for m in row.methods)))


async def asked_again(world: World) -> None:
    require = world.service.use(RequireRegistration)
    await require(await world.sign_in("avery"), "ada", WHY, world.trail)


async def asked_for(world: World) -> None:
    await world.account("blake", roles=frozenset({Role.ADMINISTRATOR}))
    await ask(world, "ada")


def the_row(**changes: Any) -> Callable[[World], Awaitable[None]]:
    async def change(world: World) -> None:
        row = world.row()
        if changes.get("methods") == "prefilled":
            changes["methods"] = (prefilled("email", EMAIL, row.account),)
        world.people.put(replace(row, **changes))

    return change


SUSPENDED = Failures(since=at(), count=10, suspended_until=at(days=1))
SITUATIONS: dict[NextStep, Callable[[World], Awaitable[None]]] = {
    NextStep.ERASE: left,
    NextStep.ENABLE: lambda world: world.directory.set_enabled("ada", enabled=False),
    NextStep.THAW: the_row(frozen_at=at()),
    NextStep.APPROVE_ACTIVATION: asked_for,
    NextStep.WAIT_OR_ACTIVATE: used_up,
    NextStep.UNBLOCK: the_row(failures={"reset:1:email": SUSPENDED}),
    NextStep.CONFIRM_PREFILLED: the_row(methods="prefilled"),
    NextStep.REGISTER: the_row(methods=()),
    NextStep.RECONFIRM: asked_again,
    NextStep.NOTHING: the_row(),
}


@pytest.mark.parametrize("step", SITUATIONS)
async def test_a_view_says_what_helps_next(step: NextStep) -> None:
    """In the order in which it helps, under any name of the account; who looked is on the record."""
    world, session = await administered()
    await SITUATIONS[step](world)
    seen = await see(world, session, "ADA")
    assert (seen.next_step, bool(seen.closed)) == (step, step in {NextStep.THAW, NextStep.UNBLOCK})
    assert world.trail.events[-1].tag is Tag.VIEWED
    assert seen.state == {NextStep.ERASE: "left", NextStep.ENABLE: "disabled"}.get(step, "enabled")


async def test_the_timeline_of_a_person_goes_on_where_it_stopped_for_its_reader_only() -> None:
    """Newest first, by name, nothing twice; a place is good neither for another reader nor for another person."""
    world, session = await administered()
    await world.account("bob", roles=frozenset({Role.ADMINISTRATOR}))
    event = AuditEvent(tag=Tag.UNBLOCKED, at=at(), account=world.key_of("ada"), actor=world.key_of("avery"), cause=WHY)
    events = [replace(event, at=at(minutes=-n)) for n in reversed(range(5))]
    await world.adapters.audit_log.record([*events, replace(event, account=world.key_of("bob"))], record_id="r")
    view = world.service.use(ViewTimeline)
    seen, place = [], None
    for _ in range(9):
        page = await view(session, "ada", world.trail, most=2, after=place)
        seen += page.events
        if page.next is None:
            break
        place = page.next
    seen = [one for one in seen if one.action is Tag.UNBLOCKED]
    assert [one.at for one in seen] == [at(minutes=-n) for n in range(5)]
    assert {(one.person, one.actor) for one in seen} == {("ada", "avery")}
    for reader, name in (("bob", "ada"), ("avery", "bob")):
        with pytest.raises(Refused):
            await view(await world.sign_in(reader), name, world.trail, most=2, after=place)
    assert [one.tag for one in world.trail.events].count(Tag.VIEWED) == 1


async def test_only_an_administrator_of_now_looks_at_others() -> None:
    """Neither a person, nor somebody whose role was taken, nor one whose own account is frozen."""
    world, session = await administered()
    with pytest.raises(NotAllowed):
        await see(world, await world.sign_in("ada"))
    with pytest.raises(NotFound):
        await see(world, session, "nobody")
    world.people.put(replace(world.row("avery"), frozen_at=at()))
    with pytest.raises(Frozen):
        await see(world, session)
    world.people.put(replace(world.row("avery"), frozen_at=None))
    world.directory.granted("avery")
    with pytest.raises(NotAllowed):
        await see(world, session)
