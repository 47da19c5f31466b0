"""Rule 31: a code that cannot be ordered is no success, and spends nothing that the person needs afterwards."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.errors import TryAgain
from shared.domain.trail import Trail
from shared.ports.store import StoreLost
from shared.usecases.ask_proof import AskProof
from shared.usecases.remind import Remind
from tests.builders import CLIENT, PHONE, World, a_world

Step = Callable[[], Awaitable[object]]


async def _challenge(world: World) -> Step:
    token = await world.start()
    return lambda: world.ask(token)


async def _challenge_of_nobody(world: World) -> Step:
    token = await world.start("nobody")
    return lambda: world.ask(token)


async def _proof(world: World) -> Step:
    session, ask = await world.sign_in(), world.service.use(AskProof)
    return lambda: ask(session, "email", Trail(), proof=None, channel=None, client=CLIENT, language="en")


async def _registration(world: World) -> Step:
    session = await world.sign_in()
    proof = await world.prove_change(session)
    wish = {"contact": "+33639980002", "proof": proof}
    return lambda: world.begin(session, "mobile_phone", **wish)


@pytest.mark.parametrize("prepare", [_challenge, _challenge_of_nobody, _proof, _registration])
async def test_a_code_that_cannot_be_ordered_is_answered_with_try_again_and_spends_nothing(
    prepare: Callable[[World], Awaitable[Step]],
) -> None:
    """The same token asks again as soon as the queue is back, as often as if it had never asked. No event tells of it.

    A registration was written to the row, so the answer says how long another code for it must wait.
    """
    world = a_world(new_method_rest_hours=0)
    await world.ada()
    step = await prepare(world)
    events, world.adapters.outbox.is_lost = len(world.trail.events), True
    for _ in range(world.policy.sends_per_gate - 1):
        with pytest.raises(TryAgain) as lost:
            await step()
        world.clock.move(seconds=lost.value.retry_after)
    assert world.orders == []
    assert len(world.trail.events) == events
    world.adapters.outbox.is_lost = False
    await step()
    assert len(world.orders) == 1


@pytest.mark.parametrize("prepare", [_challenge, _proof])
async def test_an_outage_of_the_queue_uses_up_no_codes(prepare: Callable[[World], Awaitable[Step]]) -> None:
    """However often the person tried meanwhile: the counts were given back."""
    world = a_world()
    await world.ada()
    step = await prepare(world)
    world.adapters.outbox.is_lost = True
    for _ in range(3 * world.policy.challenges_per_verification):
        with pytest.raises(TryAgain):
            await step()
    world.adapters.outbox.is_lost = False
    await step()


async def test_reminders_that_cannot_be_ordered_are_still_due() -> None:
    """The timer fails, and its next run orders them."""
    world = a_world()
    key = await world.ada()
    await world.adapters.due.add((world.clock.now() - timedelta(days=1)).strftime("%Y%m%d"), key)
    world.adapters.outbox.is_lost = True
    with pytest.raises(StoreLost):
        await world.service.use(Remind)()
    world.adapters.outbox.is_lost = False
    await world.service.use(Remind)()
    assert len(world.orders) == 1


@pytest.mark.parametrize("change", ["remove", "register", "object"])
async def test_a_change_that_is_on_the_row_is_answered_as_made_whatever_follows(change: str) -> None:
    """The index of reminders is cleaned after the write. Without it the answer would be "try again", and then "no"."""
    world = a_world(new_method_rest_hours=0)
    await world.ada(reminder_day="20990101")
    session, before = await world.sign_in(), world.row()
    if change == "object":
        await world.remove(session, "email")
        await world.tell()
        world.people.put(replace(world.row(), reminder_day="20990101"))
    world.adapters.due.remove = lost  # type: ignore[method-assign]
    if change == "object":
        await world.object_to(world.objection(PHONE))
        assert world.row().frozen_at
    elif change == "remove":
        await world.remove(session, "email")
    else:
        await world.register(session, "email", "new@mail.example")
    assert world.row().version != before.version


async def lost(*_: object) -> None:
    """Stand for an index that does not answer."""
    raise StoreLost
