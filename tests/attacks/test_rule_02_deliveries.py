"""Rule 2: claim first, then send; codes are sent at most once, notices at least once."""

import asyncio
from dataclasses import replace

import pytest

from shared.domain.errors import TryAgain
from shared.ports.channel import NotSent
from tests.builders import PHONE, World, a_method, a_world
from tests.fakes.people import Fault


async def one_order(world: World, name: str = "ada") -> object:
    await world.ask(await world.start(name))
    return world.orders.pop()


async def test_an_order_for_a_code_that_is_delivered_twice_sends_one_code() -> None:
    """A queue delivers at least once. The second delivery finds the claim and sends nothing."""
    world = a_world()
    await world.ada()
    order = await one_order(world)
    await world.deliver(order)
    await world.deliver(order)
    assert world.adapters.email.attempts == 1
    assert len(world.row().sent_codes) == 1


async def test_ten_parallel_deliveries_of_one_order_send_one_code() -> None:
    """Ten instances get the same message: there is one claim and one call of the provider."""
    world = a_world(sends_per_destination_10min=20)
    await world.ada()
    order = await one_order(world)
    await asyncio.gather(*(world.deliver(order) for _ in range(10)))
    assert world.adapters.email.attempts == 1
    assert len(world.row().sent_codes) == 1


@pytest.mark.parametrize("permanent", [True, False], ids=["refused_for_good", "no_answer"])
async def test_a_code_that_the_provider_did_not_take_is_not_sent_again(permanent: bool) -> None:
    """A lost answer may hide a message that was sent. The person asks for another code (C9)."""
    world = a_world()
    await world.ada()
    order = await one_order(world)
    world.adapters.email.faults = [NotSent("no_answer", permanent=permanent)]
    await world.deliver(order)
    await world.deliver(order)
    assert world.adapters.email.attempts == 1


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name.lower())
async def test_a_delivery_with_a_disturbed_write_sends_one_code(fault: Fault) -> None:
    """After a conflict it reads again and finds its own claim. It neither gives up nor sends twice."""
    world = a_world()
    await world.ada()
    order = await one_order(world)
    world.people.faults = [fault]
    await world.deliver(order)
    assert world.adapters.email.attempts == 1
    assert len(world.row().sent_codes) == 1


async def test_an_order_that_was_repeated_before_its_claim_sends_one_code() -> None:
    """Nothing was claimed, so the queue repeats the order and the code is sent. A further repeat sends nothing."""
    world = a_world()
    await world.ada()
    order = await one_order(world)
    world.people.faults = [Fault.LOST] * 12
    with pytest.raises(TryAgain):
        await world.deliver(order)
    await world.deliver(order)
    await world.deliver(order)
    assert world.adapters.email.attempts == 1


async def an_order_refused_once(world: World) -> object:
    """Return an order whose first send the provider certainly did not take."""
    order = await one_order(world)
    world.adapters.email.faults = [NotSent("http_429", permanent=False, definite=True)]
    with pytest.raises(TryAgain):
        await world.deliver(order)
    return order


async def test_a_code_that_the_provider_definitely_refused_is_sent_when_the_order_is_repeated() -> None:
    """It is the same code on the same claim, and counts once for the address."""
    world = a_world()
    await world.ada()
    order = await an_order_refused_once(world)
    claimed_at = world.row().sent_codes[0].claimed_at
    world.clock.move(seconds=30)
    await world.deliver(order)
    await world.deliver(order)
    assert len(world.messages()) == 1
    assert [sent.claimed_at for sent in world.row().sent_codes] == [claimed_at]
    destination = world.adapters.keyring.digest("codes", world.row().methods[0].destination)
    assert world.adapters.limiter.hits[destination] == 1


async def test_deliveries_that_overlap_after_a_refusal_send_one_code() -> None:
    """Only one of them uses the claim again."""
    world = a_world()
    await world.ada()
    order = await an_order_refused_once(world)
    await asyncio.gather(*(world.deliver(order) for _ in range(10)))
    assert len(world.messages()) == 1


async def test_a_refused_code_is_not_sent_again_after_its_life() -> None:
    """The life counts from the first claim."""
    world = a_world()
    await world.ada()
    order = await an_order_refused_once(world)
    world.clock.move(seconds=world.policy.code_seconds_email)
    await world.deliver(order)
    assert world.messages() == []


async def test_a_refused_code_is_not_sent_to_an_address_that_replaced_its_own() -> None:
    """The code is bound to the address that was claimed."""
    world = a_world()
    key = await world.ada()
    order = await an_order_refused_once(world)
    row = world.row()
    other = a_method("email", "ada@elsewhere.example", key)
    world.people.put(replace(row, methods=(other, *row.methods[1:])))
    await world.deliver(order)
    assert world.messages() == []


async def test_an_expired_order_for_a_code_sends_nothing() -> None:
    """A delayed queue must not send codes that have expired."""
    world = a_world()
    await world.ada()
    order = await one_order(world)
    world.clock.move(seconds=world.policy.code_seconds_email)
    await world.deliver(order)
    assert world.adapters.email.attempts == 0
    assert world.row().sent_codes == ()
    assert world.causes()[-1] == "expired"


async def test_a_notice_is_repeated_until_it_was_sent_to_every_address() -> None:
    """While a provider is down the notice stays on the row. It is not sent again to the other addresses."""
    world = a_world()
    await world.ada()
    token = await world.prove()
    await world.complete(token)
    sent = world.adapters.email.attempts
    world.adapters.sms.faults = [NotSent("no_answer", permanent=False)]
    await world.tell()
    assert len(world.row().notices) == 1
    for _ in range(2):
        world.clock.move(minutes=1)
        await world.tell()
    assert world.row().notices == ()
    assert world.adapters.email.attempts == sent + 1
    assert "password" in world.messages("mobile_phone")[-1].lower()
    assert world.adapters.sms.messages[-1].to == PHONE


async def test_a_permanent_refusal_of_a_notice_does_not_block_other_addresses() -> None:
    """An address that no longer exists counts as done; otherwise the notice would be repeated without end."""
    world = a_world()
    await world.ada()
    await world.complete(await world.prove())
    world.adapters.email.faults = [NotSent("http_400", permanent=True)]
    await world.tell()
    assert world.row().notices == ()
    assert "password" in world.messages("mobile_phone")[-1].lower()
