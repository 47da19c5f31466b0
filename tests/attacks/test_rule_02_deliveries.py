"""Rule 2: claim first, drop after; codes go out at most once, notices at least once."""

import asyncio

import pytest

from shared.domain.errors import TryAgain
from shared.domain.person import Standing
from shared.ports.channel import NotSent
from tests.builders import EMAIL, PHONE, World, a_world, prefilled
from tests.fakes.people import Fault


async def one_order(world: World, name: str = "ada") -> object:
    await world.ask(await world.start(name))
    return world.trail.orders.pop()


async def test_strangers_get_a_claim_like_everybody() -> None:
    """Unknown, unregistered, prefilled: a claim is written, nothing is sent, nothing else differs."""
    world = a_world()
    await world.account("unregistered")
    key = await world.account("prefilled")
    world.people.put(world.people.rows[key][0].__class__(account=key, methods=(prefilled("email", EMAIL, key),)))
    for name in ("unknown", "unregistered", "prefilled"):
        writes = world.people.writes
        await world.challenge(await world.start(name))
        assert [claim.standing for claim in world.row(name).claims] == [Standing.VOID], name
        assert world.people.writes == writes + 1
    assert world.adapters.email.attempts == 0


async def test_an_order_delivered_twice_sends_once() -> None:
    """A queue delivers at least once; the second delivery finds the claim and stops."""
    world = a_world()
    await world.ada()
    order = await one_order(world)
    await world.deliver(order)
    await world.deliver(order)
    assert world.adapters.email.attempts == 1
    assert len(world.row().claims) == 1


async def test_parallel_deliveries_of_one_order_send_once() -> None:
    """Ten instances with the same message: one claim, one call of the provider."""
    world = a_world(sends_per_destination_10min=20)
    await world.ada()
    order = await one_order(world)
    await asyncio.gather(*(world.deliver(order) for _ in range(10)))
    assert world.adapters.email.attempts == 1
    assert len(world.row().claims) == 1


@pytest.mark.parametrize("permanent", [True, False])
async def test_a_code_that_the_provider_did_not_take_is_not_sent_again(permanent: bool) -> None:
    """An answer that never came may hide a message that was taken: the person asks again, we do not (C9)."""
    world = a_world()
    await world.ada()
    order = await one_order(world)
    world.adapters.email.faults = [NotSent("no_answer", permanent=permanent)]
    await world.deliver(order)
    await world.deliver(order)
    assert world.adapters.email.attempts == 1


@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.APPLIED_THEN_CONFLICT, Fault.APPLIED_THEN_LOST, Fault.LOST])
async def test_a_lost_race_or_answer_ends_in_one_send(fault: Fault) -> None:
    """A delivery that lost a race looks again, and knows its own claim: it neither gives up nor sends twice."""
    world = a_world()
    await world.ada()
    order = await one_order(world)
    world.people.faults = [fault]
    await world.deliver(order)
    assert world.adapters.email.attempts == 1
    assert len(world.row().claims) == 1


async def test_an_order_that_came_too_late_sends_nothing() -> None:
    """A queue that was held up must not deliver codes that nobody waits for any more."""
    world = a_world()
    await world.ada()
    order = await one_order(world)
    world.clock.move(seconds=world.policy.code_seconds_email)
    await world.deliver(order)
    assert world.adapters.email.attempts == 0
    assert world.row().claims == ()
    assert world.causes()[-1] == "expired"


async def test_a_notice_is_repeated_until_every_address_was_told() -> None:
    """A provider that is down keeps the notice on the row; the addresses that were told are not told again."""
    world = a_world()
    await world.ada()
    token = await world.prove()
    await world.complete(token)
    sent = world.adapters.email.attempts
    world.adapters.sms.faults = [NotSent("no_answer", permanent=False)]
    order = world.trail.orders.pop()
    with pytest.raises(TryAgain):
        await world.deliver(order)
    assert len(world.row().notices) == 1
    await world.deliver(order)
    await world.deliver(order)
    assert world.row().notices == ()
    assert world.adapters.email.attempts == sent + 1
    assert "password" in world.letters("mobile_phone")[-1].lower()
    assert world.adapters.sms.letters[-1].to == PHONE


async def test_a_notice_that_an_address_refuses_for_good_does_not_block_the_others() -> None:
    """A dead address is struck out, or its notice would come back for ever."""
    world = a_world()
    await world.ada()
    await world.complete(await world.prove())
    world.adapters.email.faults = [NotSent("http_400", permanent=True)]
    await world.deliver()
    assert world.row().notices == ()
    assert "password" in world.letters("mobile_phone")[-1].lower()
