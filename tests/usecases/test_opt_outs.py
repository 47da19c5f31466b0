"""STOP and START: nothing is texted to a number whose owner refuses texts, who sees why and how to end it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.contact import PhoneNumber
from shared.domain.errors import InvalidInput, ProofRequired
from shared.domain.reachability import DeliveryReport, Outcome, Reply
from shared.domain.trail import Tag
from shared.ports.channel import NotSent
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.mark_undelivered import MarkUndelivered
from shared.usecases.note_reply import NoteReply
from shared.usecases.view_registration import ViewRegistration
from tests.attacks.authenticator import APP
from tests.builders import EMAIL, PHONE, World, a_world

AMERICAN = "+14255550123"


async def reply(world: World, word: str, *, at: datetime | None = None, number: str = PHONE) -> None:
    of = Reply(contact=PhoneNumber(number), opts_out=word == "STOP", at=at or world.clock.now())
    await world.service.use(NoteReply)(of, world.trail)


async def by_report(world: World) -> None:
    report = DeliveryReport(
        account=world.key_of("ada"), contact=PhoneNumber(PHONE), outcome=Outcome.OPTED_OUT, at=world.clock.now()
    )
    await world.service.use(MarkUndelivered)(report, world.trail)


async def by_reply(world: World) -> None:
    await reply(world, "STOP")


async def by_send(world: World) -> None:
    world.adapters.sms.faults.append(NotSent("opted_out", permanent=True))
    await world.challenge(await world.start(), "mobile_phone")


async def shown(world: World, session: str) -> dict[str, tuple[str, str]]:
    view = await world.service.use(ViewRegistration)(session)
    return {method.method: (method.state, method.start_to) for method in view.methods}


@pytest.mark.parametrize("stop", [by_report, by_reply, by_send])
async def test_nothing_is_texted_after_stop_until_start(stop: Any) -> None:
    """Neither codes nor notices, and no send is counted. Mail still works. The row stays as it is."""
    world = a_world(gates=1)
    await world.ada()
    before = world.row().methods
    await stop(world)
    world.clock.move(seconds=120)
    session = await world.sign_in()
    assert await shown(world, session) == {"email": ("confirmed", ""), "mobile_phone": ("opted_out", "")}
    assert await world.status(session) == "must_reconfirm"
    assert (await world.service.use(ViewRegistration)(session)).missing == ()
    await world.challenge(await world.start(), "mobile_phone")
    await world.complete(await world.prove("ada", "email"))
    await world.tell()
    assert (world.codes("mobile_phone"), world.messages("mobile_phone")) == ([], [])
    assert {"opted_out"} <= {e.cause for e in world.trail.events if e.tag in {Tag.CODE_DELIVERED, Tag.NOTICE_DELIVERED}}
    assert [m.suspect_at for m in world.row().methods] == [m.suspect_at for m in before]

    await reply(world, "START")
    world.clock.move(seconds=120)
    await world.challenge(await world.start(), "mobile_phone")
    assert len(world.codes("mobile_phone")) == 1
    assert world.trail.events[-1].cause == "sent"


@pytest.mark.parametrize(("stop", "told"), [(by_report, "opted_out"), (by_reply, "reply")])
async def test_administrators_find_each_change_once(stop: Any, told: str) -> None:
    """A report names the account; a reply names none. Repeated events add nothing."""
    world = a_world()
    key = await world.ada()
    for _ in range(2):
        await stop(world)
    world.clock.move(seconds=1)
    for _ in range(2):
        await reply(world, "START")
    events = [(e.tag, e.account, e.cause) for e in world.trail.events if "opted" in e.tag]
    account = key if stop is by_report else ""
    assert events == [(Tag.NUMBER_OPTED_OUT, account, told), (Tag.NUMBER_OPTED_IN, "", "reply")]


async def test_an_older_event_and_one_from_the_future_change_nothing_for_good() -> None:
    """Events come in any order, and a clock of somebody else's may be wrong (rule 32)."""
    world = a_world()
    await world.ada()
    now = world.clock.now()
    await reply(world, "START", at=now)
    await reply(world, "STOP", at=now - timedelta(seconds=1))
    assert (await shown(world, await world.sign_in()))["mobile_phone"] == ("confirmed", "")
    await reply(world, "STOP", at=now + timedelta(days=3650))
    world.clock.move(seconds=300)
    await reply(world, "START")
    assert (await shown(world, await world.sign_in()))["mobile_phone"] == ("confirmed", "")


async def test_a_number_that_refuses_texts_is_missing_where_a_second_gate_needs_it() -> None:
    """The page must not say that its owner can reset a password."""
    world = a_world(gates=2)
    await world.ada()
    await by_reply(world)
    session = await world.sign_in()
    assert await world.status(session) == "must_register"
    assert (await world.service.use(ViewRegistration)(session)).missing == ("mobile_phone", APP)


@pytest.mark.parametrize(("email", "others"), [(EMAIL, ("email",)), ("", ())], ids=["beside email", "the only one"])
async def test_a_number_that_refuses_texts_still_protects_and_is_not_offered_as_a_proof(
    email: str, others: tuple[str, ...]
) -> None:
    """STOP, which whoever holds the phone for a moment can send, must not make the proof unnecessary (rule 20)."""
    world = a_world()
    await world.account("ada", email=email, mobile_phone=PHONE)
    await by_reply(world)
    session = await world.sign_in()
    with pytest.raises(ProofRequired) as needed:
        await world.service.use(BeginMethod)(session, APP, Wish(), world.trail)
    assert needed.value.methods == others
    with pytest.raises(InvalidInput, match="opted_out"):
        await world.prove_change(session, "mobile_phone")


async def test_the_page_says_where_to_text_start() -> None:
    """To the number that texts the country; a name hears nothing."""
    world = a_world()
    await world.account("ada", email=EMAIL, mobile_phone=AMERICAN)
    await reply(world, "STOP", number=AMERICAN)
    assert (await shown(world, await world.sign_in()))["mobile_phone"] == ("opted_out", "+18005550199")


@pytest.mark.parametrize("typed", [PHONE, None])
async def test_an_opted_out_number_is_refused_at_registration_with_the_reason(typed: str | None) -> None:
    """Typed anew, or to be confirmed again. No code is ordered; a number that never answered is not affected."""
    world = a_world(new_method_rest_hours=0)
    await world.ada()
    session = await world.sign_in()
    await world.prove_change(session)
    await by_reply(world)
    with pytest.raises(InvalidInput) as refused:
        await world.begin(session, "mobile_phone", typed)
    assert (refused.value.field, refused.value.reason) == ("contact", "opted_out")
    assert world.orders == []
    assert (await world.begin(session, "mobile_phone", "+33639980077")).channel == "sms"


@pytest.mark.parametrize("method", ["email", "mobile_phone", APP])
async def test_a_text_reads_the_number_s_entry_alike_for_every_account(method: str) -> None:
    """Whether it will be sent, or is refused by its owner, or there is nobody (rule 17)."""
    seen = []
    for name, opted_out in (("ada", False), ("ada", True), ("nobody", False)):
        world = a_world()
        await world.ada()
        if opted_out:
            await by_reply(world)
        await world.challenge(await world.start(name), method)
        seen.append((world.adapters.opt_outs.reads, world.people.reads, world.people.writes))
    assert len(set(seen)) == 1
    assert seen[0][0] == (1 if method == "mobile_phone" else 0)
