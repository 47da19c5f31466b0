"""Rule 1: a code is live only while its claim stands on the row; claims leave late, and never to make room."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from shared.domain.claims import CLOCK_SKEW, with_claim
from shared.domain.errors import Refused
from shared.domain.one_time_code import CodeBinding, derive_code
from shared.domain.person import MAX_CLAIMS, Purpose
from tests.builders import EMAIL, a_claim, a_person, a_policy, a_world, an_order, at
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.people import Fault

POLICY = a_policy()


async def test_a_code_without_a_claim_is_refused() -> None:
    """Whoever could derive the right code still fails until a delivery has written its claim; nothing is counted."""
    world = a_world(gates=1)
    key = await world.ada()
    token = await world.ask(await world.start())
    verification = world.verification(token)
    binding = CodeBinding(
        purpose=Purpose.RESET,
        code_key=1,
        account=key,
        verification=verification.id,
        gate=1,
        method="email",
        channel="email",
        destination=world.row().methods[0].destination,
        send=1,
    )
    code = derive_code(world.adapters.keyring.code_key(1), binding, digits=8)
    before = world.row()
    with pytest.raises(Refused):
        await world.answer(token, code)
    assert world.row() == before
    await world.deliver()
    await world.answer(token, code)


async def test_the_provider_is_called_only_after_the_claim_was_written() -> None:
    """A delivery whose write is lost sends nothing: the claim comes first."""
    world = a_world()
    await world.ada()
    await world.ask(await world.start())
    world.people.faults = [Fault.LOST] * 12
    with pytest.raises(Exception, match="retry"):
        await world.deliver()
    assert world.adapters.email.attempts == 0
    assert world.row().claims == ()


async def test_the_life_of_a_code_counts_from_its_claim() -> None:
    """A delivery that comes late does not shorten the code's life, and the life ends on the second."""
    for waited, accepted in ((599, True), (600, False)):
        world = a_world(gates=1)
        await world.ada()
        token = await world.ask(await world.start())
        world.clock.move(seconds=30)
        await world.deliver()
        world.clock.move(seconds=waited - 30)
        world.clock.move(seconds=30)
        idle = replace(world.verification(token), idle_at=at(hours=1), expires_at=at(hours=1))
        if accepted:
            await world.answer(world.seal(idle), world.code())
        else:
            with pytest.raises(Refused):
                await world.answer(world.seal(idle), world.code())


def test_a_full_row_drops_the_send_and_makes_no_room() -> None:
    """Strangers who fill a row must not push out the claim that a person is about to answer."""
    claims = tuple(a_claim(verification=f"v{n}", nonce=f"n{n}") for n in range(MAX_CLAIMS))
    person = a_person(email=EMAIL, claims=claims)
    assert with_claim(person, an_order(), POLICY, MONDAY_MORNING, nonce="n") is None


def test_a_claim_leaves_only_after_its_token_and_the_skew() -> None:
    """One second earlier it still stands: a token that lives on another instance's clock could still be judged."""
    leaves = an_order().leaves_at + CLOCK_SKEW
    first = with_claim(a_person(email=EMAIL), an_order(), POLICY, MONDAY_MORNING, nonce="first")
    assert first is not None
    assert first.claims[0].leaves_at == leaves
    for now, kept in ((leaves - timedelta(seconds=1), 2), (leaves, 1)):
        later = an_order(verification="another", leaves_at=now + timedelta(minutes=15))
        second = with_claim(first, later, POLICY, now, nonce="second")
        assert second is not None
        assert len(second.claims) == kept


async def test_the_row_grows_with_the_send_limit_and_not_with_requests() -> None:
    """Dozens of challenges for one account leave as many claims as its destination may get codes."""
    world = a_world(starts_per_client_minute=99, starts_per_name_and_client_hour=99, starts_per_name_hour=99)
    await world.ada()
    for _ in range(40):
        await world.challenge(await world.start())
    assert len(world.row().claims) == world.policy.sends_per_destination_10min


def test_a_full_row_of_the_longest_values_still_fits() -> None:
    """The row is one property of 32,000 characters: claims and tries at their most must not make it unwritable."""
    long = "a" * 52
    tries = tuple(f"{n:022}" for n in range(10))
    claims = tuple(
        a_claim(
            verification=f"{n:022}",
            destination=long,
            nonce=f"{n:022}",
            tries=tries,
            method="mobile_phone",
            channel="sms",
        )
        for n in range(MAX_CLAIMS)
    )
    person = a_person(long, email="a" * 64 + "@" + "b" * 180 + ".example", mobile_phone="+33639980001", claims=claims)
    assert len(msgspec.json.encode(person)) < 32_000
