"""Rule 3: judge and count in one conditional write, and tell only when that write won."""

import asyncio
from collections import Counter

import pytest

from shared.domain.errors import Limited, Refused, TryAgain
from tests.builders import a_world, wrong
from tests.fakes.people import Fault

OPEN = {"verify_failures_per_client_5min": 1000, "verify_failures_per_client_hour": 1000}


async def outcomes(calls: list[object]) -> Counter[str]:
    """How often each kind of outcome was told."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    return Counter(type(result).__name__ for result in results)


async def test_parallel_wrong_answers_count_exactly_the_allowed_tries() -> None:
    """200 at once: the row counts five, and the right code is refused from then on."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    code = world.code()
    told = await outcomes([world.answer(token, wrong(code)) for _ in range(200)])
    assert told == {"Refused": 200}
    assert len(world.row().claims[0].tries) == world.policy.tries_per_code
    with pytest.raises(Refused):
        await world.answer(token, code)


async def test_one_wrong_answer_fewer_than_allowed_leaves_the_right_one_good() -> None:
    """Four slips are forgiven; the fifth is not."""
    for slips, accepted in ((4, True), (5, False)):
        world = a_world(**OPEN)
        await world.ada()
        token = await world.challenge(await world.start())
        for _ in range(slips):
            with pytest.raises(Refused):
                await world.answer(token, wrong(world.code()))
        if accepted:
            await world.answer(token, world.code())
        else:
            with pytest.raises(Refused):
                await world.answer(token, world.code())


async def test_parallel_right_answers_succeed_exactly_once() -> None:
    """30 at once: one gate opens, 29 are refused."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    told = await outcomes([world.answer(token, world.code()) for _ in range(30)])
    assert told == {"NextGate": 1, "Refused": 29}


async def test_told_never_exceeds_counted() -> None:
    """All 24 answers differ, one is right: however many judged the row as they read it, five outcomes are on it."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    code = world.code()
    guesses = [f"{(int(code.replace(' ', '')) + n) % 10**8:08}" for n in range(1, 24)] + [code]
    await outcomes([world.answer(token, guess) for guess in guesses])
    claim = world.row().claims[0]
    assert len(claim.tries) <= world.policy.tries_per_code
    assert len(claim.tries) + bool(claim.used) <= world.policy.tries_per_code


async def test_nothing_is_told_when_the_write_never_wins() -> None:
    """A store that takes no write gets 503 and no verdict, for a right and for a wrong answer alike."""
    for right in (True, False):
        world = a_world(**OPEN)
        await world.ada()
        token = await world.challenge(await world.start())
        world.people.faults = [Fault.CONFLICT] * 100
        answer = world.code() if right else wrong(world.code())
        with pytest.raises(TryAgain):
            await world.answer(token, answer)


async def test_a_refused_try_writes_nothing() -> None:
    """Once the tries are spent, a flood of answers costs the row no write."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    for _ in range(5):
        with pytest.raises(Refused):
            await world.answer(token, wrong(world.code()))
    writes = world.people.writes
    for _ in range(5):
        with pytest.raises(Refused):
            await world.answer(token, world.code())
    assert world.people.writes == writes


async def test_a_resend_kills_the_old_code_and_refills_no_tries() -> None:
    """Three wrong, a resend, two wrong: the new code is refused (R-14), and the old one was dead anyway (R-18)."""
    world = a_world(**OPEN)
    await world.ada()
    first = await world.challenge(await world.start())
    old = world.code()
    for _ in range(3):
        with pytest.raises(Refused):
            await world.answer(first, wrong(old))
    world.clock.move(seconds=world.policy.send_interval_seconds)
    second = await world.challenge(first)
    for token, answer in ((first, old), (second, wrong(world.code())), (second, wrong(world.code()))):
        with pytest.raises(Refused):
            await world.answer(token, answer)
    with pytest.raises(Refused):
        await world.answer(second, world.code())


async def test_a_resend_within_the_wait_is_refused() -> None:
    """The second code waits a minute, the third two; the fourth never comes (R-17)."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    for wait in (60, 120):
        world.clock.move(seconds=wait - 1)
        with pytest.raises(Limited):
            await world.challenge(token)
        world.clock.move(seconds=1)
        token = await world.challenge(token)
    world.clock.move(seconds=240)
    with pytest.raises(Limited):
        await world.challenge(token)
    assert len(world.codes()) == 3


async def test_the_answer_may_be_typed_in_any_of_the_ways_people_copy() -> None:
    """Blanks, no-break blanks and hyphens are nothing; other scripts' digits are wrong (A-32)."""
    for spelling, accepted in (
        ("{a}{b}", True),
        (" {a}-{b} ", True),
        ("{a}\u00a0{b}", True),
        ("{a}{b}0", False),
        ("", False),
    ):
        world = a_world(**OPEN)
        await world.ada()
        token = await world.challenge(await world.start())
        a, b = world.code().split()
        if accepted:
            await world.answer(token, spelling.format(a=a, b=b))
        else:
            with pytest.raises(Refused):
                await world.answer(token, spelling.format(a=a, b=b))
