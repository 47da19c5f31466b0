"""Rule 27: for somebody who had a method or has a role, no code without a second administrator."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from functions.admin_activate import Reason
from shared.domain.activation import ASKED_FOR, LONGEST_REASON
from shared.domain.errors import InvalidInput, NotAllowed, NotFound, SignInAgain
from shared.domain.trail import AuditEvent, Tag
from shared.usecases.activate import Activate
from shared.usecases.erase import Erase
from shared.usecases.view_registration import ViewRegistration
from shared.validation.records import decode_events, encode_events
from tests.attacks.letters import LOST, NEW_EMAIL, NEW_PHONE, approve, ask, enter, office, tags
from tests.builders import EMAIL, PHONE, WHY, World, at


async def test_for_somebody_who_had_a_method_it_takes_two_and_everything_rests() -> None:
    """The first one never sees the code. Old addresses are told at issue. The code takes the place of a proof."""
    world = await office()
    asked = await ask(world, "ada")
    assert (asked.state, asked.code, world.row().activation) == ("waiting", None, None)
    seen = await ask(world, "ada", by="blake")
    assert (seen.request, seen.asked_by, seen.reason) == (asked.request, "avery", LOST)
    for by, request in (("avery", asked.request), ("blake", "another")):
        with pytest.raises(InvalidInput):
            await approve(world, request, by=by)
    approved = await approve(world, asked.request)
    await world.tell()
    assert {m.to for channel in world.adapters.channels.values() for m in channel.messages} == {EMAIL, PHONE}
    assert "activation code" in world.messages()[-1]
    token = await enter(world, approved.code or "", "ada")
    view = await world.register(token, "email", NEW_EMAIL)
    view = await world.register(token, "mobile_phone", NEW_PHONE)
    assert all(method.usable_from for method in view.methods)
    assert not view.ready
    world.clock.move(hours=world.policy.new_method_rest_hours, seconds=1)
    assert (await world.service.use(ViewRegistration)(await world.sign_in())).ready
    with pytest.raises(InvalidInput):  # the request was used up
        await approve(world, asked.request)
    parties = [(event.tag, event.actor) for event in world.trail.events if event.verification == asked.request]
    assert parties[0] == (Tag.ACTIVATION_ASKED, world.key_of("avery"))
    assert parties[1] == (Tag.ACTIVATION_ISSUED, world.key_of("blake"))


async def removed_long_ago(world: World) -> str:
    session = await world.sign_in()
    for method in ("email", "mobile_phone"):
        await world.remove(session, method)
    world.clock.move(days=40)
    world.people.put(replace(world.row(), removed=(), changes=()))
    return "ada"


async def erased_first(world: World) -> str:
    assert await world.service.use(Erase)(await world.sign_in("avery"), "ada", WHY, world.trail)
    return "ada"


async def another_administrator(_world: World) -> str:
    """Who is activated by one alone could approve for that one."""
    return "blake"


@pytest.mark.parametrize("way", [removed_long_ago, erased_first, another_administrator], ids=lambda way: way.__name__)
async def test_no_administrator_gets_past_the_second_one(way: Callable[[World], Awaitable[str]]) -> None:
    """Not by removing the methods, not by an erasure, and not by another administrator's account."""
    world = await office()
    outcome = await ask(world, await way(world))
    assert (outcome.state, outcome.code) == ("waiting", None)


@pytest.mark.parametrize("late", [True, False])
async def test_a_request_ends_after_three_days_and_with_the_role_of_who_asked(*, late: bool) -> None:
    """The second administrator approves what one with the role asked for, not long ago."""
    world = await office()
    asked = await ask(world, "ada")
    if late:
        world.clock.move(seconds=ASKED_FOR.total_seconds())
    else:
        world.directory.granted("avery")
    with pytest.raises(InvalidInput):
        await approve(world, asked.request)
    assert (await ask(world, "ada", by="blake")).asked_by == "blake"


@pytest.mark.parametrize(
    ("who", "whom", "error"),
    [
        ("ada", "noor", NotAllowed), ("avery", "avery", NotAllowed), ("avery", "nobody", NotFound),
        ("avery", "disabled", InvalidInput), ("avery", "frozen", InvalidInput), ("later", "noor", SignInAgain),
    ],
)  # fmt: skip
async def test_no_code_is_issued(who: str, whom: str, error: type[Exception]) -> None:
    """By somebody else, for the own account, for nobody, for a closed account, with an old sign-in."""
    world = await office()
    session = await world.sign_in("avery" if who == "later" else who)
    if who == "later":
        world.clock.move(seconds=world.policy.method_change_seconds)
    if whom == "disabled":
        await world.directory.set_enabled("noor", enabled=False)
    if whom == "frozen":
        world.people.put(replace(world.row("noor"), frozen_at=world.clock.now()))
    whom = "noor" if whom in {"disabled", "frozen"} else whom
    with pytest.raises(error):
        await world.service.use(Activate)(session, whom, LOST, world.trail)
    with pytest.raises(error):
        await world.service.use(Activate).approve(session, whom, "x", WHY, world.trail)
    assert Tag.ACTIVATION_ISSUED not in tags(world)


@pytest.mark.parametrize("sign", ["\U0001f4f1", "\u200d", "\u00e9", '"'])
def test_the_longest_reason_reaches_the_audit_log(sign: str) -> None:
    """Whatever is in it: an event that no message can carry would leave an issue without a trace."""
    reason = TypeAdapter(Reason).validate_python("why" + (LONGEST_REASON - 3) * sign)
    event = AuditEvent(
        tag=Tag.ACTIVATION_ISSUED, at=at(), account="a" * 52, actor="b" * 52, verification="v" * 22, cause=reason,
        reference="r" * 12, network="2001:db8:1234::/48", device="d" * 40,
    )  # fmt: skip
    assert decode_events(encode_events([event], "r" * 40)[0])[0] == (event,)
