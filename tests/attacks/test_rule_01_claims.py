"""Rule 1: a code is live only while its claim is on the row, and only a code that is sent has a claim."""

from dataclasses import replace

import pytest

from shared.adapters.azure_tables.people import BLOCK
from shared.domain.errors import AnswerRefused, TryAgain
from shared.domain.person import RING, Failures, SentCode
from shared.domain.sent_codes import derive_code
from shared.usecases.verify import Granted
from shared.validation.records import encode
from tests.attacks.no_limits import MANY_STARTS, STRANGER
from tests.builders import (
    CLIENT,
    World,
    a_policy,
    a_world,
    at,
    prefilled,
)
from tests.fakes.people import Fault

POLICY = a_policy()


async def test_a_code_is_refused_until_a_delivery_has_written_its_claim() -> None:
    """Even a right code fails before its claim is on the row, and the try is counted."""
    world = a_world(gates=1)
    key = await world.ada()
    token = await world.ask(await world.start())
    verification = world.verification(token)
    assert verification.challenge is not None
    foreseen = SentCode(
        id=verification.code_id(verification.challenge),
        code_key=1,
        destination=world.row().methods[0].destination,
        claimed_at=at(),
        leaves_at=at(),
        nonce="",
    )
    code = derive_code(world.adapters.keyring.code_key(1), key, foreseen, digits=8)
    with pytest.raises(AnswerRefused):
        await world.answer(token, code)
    assert [attempt.tries for attempt in world.row().attempts] == [1]
    await world.deliver()
    assert isinstance(await world.answer(token, code), Granted)


async def test_the_provider_is_called_only_after_the_claim_was_written() -> None:
    """A delivery whose write is lost sends nothing."""
    world = a_world()
    await world.ada()
    await world.ask(await world.start())
    world.people.faults = [Fault.LOST] * 12
    with pytest.raises(TryAgain):
        await world.deliver()
    assert world.adapters.email.attempts == 0
    assert world.row().sent_codes == ()


@pytest.mark.parametrize(
    ("seconds", "is_accepted"), [pytest.param(599, True, id="last_second"), pytest.param(600, False, id="over")]
)
async def test_the_life_of_a_code_counts_from_its_claim(seconds: int, is_accepted: bool) -> None:
    """A late delivery does not shorten the code's life, which ends exactly on the second."""
    world = a_world(gates=1)
    await world.ada()
    token = await world.ask(await world.start())
    world.clock.move(seconds=30)
    await world.deliver()
    world.clock.move(seconds=seconds)
    token = world.seal(replace(world.verification(token), idle_at=at(hours=1), expires_at=at(hours=1)))
    if is_accepted:
        assert isinstance(await world.answer(token, world.code()), Granted)
    else:
        with pytest.raises(AnswerRefused):
            await world.answer(token, world.code())


# -- cases in which nothing is sent --


async def unknown(world: World) -> dict[str, str]:
    return {"name": "unknown"}


async def unregistered(world: World) -> dict[str, str]:
    await world.account("bob")
    return {"name": "bob"}


async def only_prefilled(world: World) -> dict[str, str]:
    key = await world.account("bob")
    world.people.put(replace(world.row("bob"), methods=(prefilled("email", "bob@mail.example", key),)))
    return {"name": "bob"}


async def another_method(world: World) -> dict[str, str]:
    await world.account("bob", mobile_phone="+33639980002")
    return {"name": "bob"}


async def resting(world: World) -> dict[str, str]:
    await world.account("bob", email="bob@mail.example")
    row = world.row("bob")
    world.people.put(replace(row, methods=(replace(row.methods[0], usable_from=at(days=1)),)))
    return {"name": "bob"}


async def wrong_contact(world: World) -> dict[str, str]:
    return {"name": "ada", "contact": "mallory@evil.example"}


async def suspended(world: World) -> dict[str, str]:
    failures = Failures(since=world.clock.now(), count=10, suspended_until=at(days=1))
    world.people.put(replace(world.row(), failures={"reset:1:email": failures}))
    return {"name": "ada"}


NOBODY = [unknown, unregistered, only_prefilled, another_method, resting, wrong_contact, suspended]


async def cost_of_a_delivery(world: World, name: str, **options: str) -> tuple[int, int, int]:
    """Return the reads and writes of the row and the hits of the limiter."""
    await world.ask(await world.start(name), **options)
    before = world.people.reads, world.people.writes, world.adapters.limiter.hits.total()
    await world.deliver()
    after = world.people.reads, world.people.writes, world.adapters.limiter.hits.total()
    return after[0] - before[0], after[1] - before[1], after[2] - before[2]


@pytest.mark.parametrize("case", NOBODY)
async def test_a_delivery_that_sends_nothing_costs_the_same_and_writes_no_claim(case: object) -> None:
    """It reads, writes and counts like the owner's, makes the row longer by as much, and writes no claim.

    If only the rows of people who get codes grew, they would take longer to read, and the time would tell (rule 9).
    """
    world = a_world()
    await world.ada()
    length = len(encode(world.row()))
    owner = await cost_of_a_delivery(world, "ada")
    longer = len(encode(world.row())) - length
    assert world.adapters.email.attempts == 1
    whom = await case(world)
    before = world.row(whom["name"])
    assert await cost_of_a_delivery(world, **whom) == owner
    after = world.row(whom["name"])
    assert world.adapters.email.attempts == 1
    assert len(after.ring) == len(before.ring) + 1
    assert replace(after, ring=(), decoys=()) == replace(before, ring=(), decoys=())
    assert abs(len(encode(after)) - len(encode(before)) - longer) <= BLOCK // 20


@pytest.mark.parametrize("case", [another_method, wrong_contact, suspended])
async def test_forty_deliveries_that_send_nothing_do_not_stop_the_owners_code(case: object) -> None:
    """They neither fill the row nor use up the limit of her address; such sends count separately."""
    world = a_world(**MANY_STARTS)
    await world.ada(known_clients=(world.adapters.keyring.digest("client", CLIENT),))
    whom = await case(world)
    name, options = whom.pop("name"), whom
    for _ in range(40):
        await world.challenge(await world.start(name, client=STRANGER), client=STRANGER, **options)
    method = "mobile_phone" if case is another_method else "email"
    assert len(world.row(name).ring) <= RING
    await world.challenge(await world.start(name), method)
    assert world.causes()[-1] == "sent"
