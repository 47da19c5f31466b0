"""Rules 10, 12 and 29: an administrator opens again what was closed, for somebody else only, and everybody is told."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import Frozen, NotAllowed, NotFound, SignInAgain, SignInRequired, TryAgain
from shared.domain.person import MAX_NOTICES, Failures
from shared.domain.roles import Role
from shared.domain.trail import Tag
from shared.usecases.erase import Erase
from shared.usecases.freeze import Freeze
from shared.usecases.unblock import Unblock
from shared.usecases.view_registration import ViewRegistration
from tests.attacks.authenticator import an_app
from tests.builders import PHONE, WHY, World, a_world, at

CLOSED = {
    "frozen": {"frozen_at": at()},
    "suspended": {"failures": {"reset:1:email": Failures(since=at(), count=10, suspended_until=at(days=1))}},
    "closed": {"failures": {"reset:1:email": Failures(since=at(), consecutive=100)}},
    "sign-in": {"sign_in_failures": 100, "sign_in_closed_at": at()},
}


async def a_closed_world(**closed: Any) -> tuple[World, str]:
    """Ada is blocked in that way. Return the session of an administrator."""
    world = a_world()
    await world.ada()
    world.people.put(replace(world.row(), **closed))
    await world.account("avery", mobile_phone="+33639980007", roles=frozenset({Role.ADMINISTRATOR}))
    return world, await world.sign_in("avery")


async def unblock(world: World, session: str, name: str = "ada") -> bool:
    """Open what is closed: a freeze has an act of its own."""
    if world.row(name).frozen_at is not None:
        return await world.service.use(Freeze).thaw(session, name, "we spoke", world.trail)
    return await world.service.use(Unblock)(session, name, WHY, world.trail)


@pytest.mark.parametrize("closed", CLOSED)
async def test_everything_is_open_again_and_what_began_meanwhile_has_ended(closed: str) -> None:
    """Reset and sign-in work, earlier sessions do not, and every address is told."""
    world, administrator = await a_closed_world(**CLOSED[closed])
    before = world.row()
    session = await world.sign_in() if closed != "sign-in" else ""
    token = await world.challenge(await world.start())
    assert await unblock(world, administrator)
    after = world.row()
    assert {before.version, before.session_version}.isdisjoint({after.version, after.session_version})
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration)(session)
    await world.sign_in()
    await world.complete(await world.prove("ada"))
    assert world.verification(token).version != world.row().version
    world.adapters.sms.messages.clear()
    await world.tell()
    assert any("administrator" in m.text for m in world.adapters.sms.messages if m.to == PHONE)
    acts = [event.tag for event in world.trail.events if event.tag in {Tag.UNBLOCKED, Tag.THAWED}]
    assert acts == [Tag.THAWED if closed == "frozen" else Tag.UNBLOCKED]
    assert not await unblock(world, administrator)


async def test_an_administrator_cannot_unblock_the_own_account_nor_act_while_it_is_frozen() -> None:
    """A thief of an administrator's session would undo what its owner stopped. Another administrator can."""
    world, session = await a_closed_world(frozen_at=at())
    with pytest.raises(NotAllowed):
        await unblock(world, session, "avery")
    world.people.put(replace(world.row("avery"), frozen_at=at()))
    for refused in (unblock(world, session), world.service.use(Erase)(session, "ada", WHY, world.trail)):
        with pytest.raises(Frozen):
            await refused
    await world.account("noor", roles=frozenset({Role.ADMINISTRATOR}))
    assert await unblock(world, await world.sign_in("noor"), "avery")


@pytest.mark.parametrize(
    ("who", "error"), [("ada", NotAllowed), ("an old sign-in", SignInAgain), ("without the queue", TryAgain)]
)
async def test_others_unblock_nobody(who: str, error: type[Exception]) -> None:
    """Nor does an administrator whose notice cannot be promised, or who names nobody."""
    world, session = await a_closed_world(**CLOSED["suspended"])
    with pytest.raises(NotFound):
        await unblock(world, session, "nobody")
    if who == "ada":
        session = await world.sign_in()
    elif who == "an old sign-in":
        world.clock.move(seconds=world.policy.method_change_seconds)
    else:
        world.adapters.promised.is_lost = True
    before = world.row().failures
    with pytest.raises(error):
        await unblock(world, session)
    assert world.row().failures == before


async def test_any_number_of_unblocks_pushes_out_no_other_notice() -> None:
    """The provider is down. Nothing limits how often somebody is unblocked, so one notice tells the last time."""
    world, session = await a_closed_world()
    await world.remove(await world.sign_in(), "email")
    for _ in range(MAX_NOTICES):
        world.people.put(replace(world.row(), frozen_at=world.clock.at))
        assert await unblock(world, session)
    assert [notice.template for notice in world.row().notices] == ["method_removed", "unblocked"]


async def test_what_a_thief_added_rests_when_the_account_is_open_again() -> None:
    """The thief removes the owner's phone first. Its code brings it back, and has no power over what came later."""
    world, administrator = await a_closed_world()
    session = await world.sign_in()
    await world.prove_change(session, "email")
    await world.remove(session, "mobile_phone")
    await world.tell()
    code = world.objection(PHONE)
    world.sessions["ada " + f"{world.clock.at:%d %H}"] = session
    await an_app(world)
    await world.register(session, "email", "thief@elsewhere.example")
    await world.object_to(code)
    assert await unblock(world, administrator)
    usable = world.row().usable(world.policy.methods, world.clock.at)
    assert [method.name for method in usable] == ["mobile_phone"]
    world.clock.move(hours=24)
    assert len(world.row().usable(world.policy.methods, world.clock.at)) == len(world.row().confirmed) == 3
