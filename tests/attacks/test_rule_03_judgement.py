"""Rule 3: judge and count in one conditional write, count every try at an open gate, answer only after the write."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from shared.domain.errors import AnswerRefused, Limited, TryAgain
from shared.domain.person import Attempt, Failures
from shared.usecases.verify import NextGate
from tests.builders import CLIENT, World, a_world, at, wrong
from tests.fakes.people import Fault

OPEN = {"verify_failures_per_client_5min": 1000, "verify_failures_per_client_hour": 1000}
NO_CODE = "11111111"


async def outcomes(calls: list[object]) -> Counter[str]:
    """Return how many answers had each kind of outcome."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    return Counter(type(result).__name__ for result in results)


def attempt_of(world: World, token: str, name: str = "ada") -> Attempt:
    """Return the attempt on the row for this token's gate."""
    verification = world.verification(token)
    assert verification.challenge is not None
    attempt = world.row(name).attempt(verification.attempt_id(verification.challenge.method))
    assert attempt is not None
    return attempt


# -- each case opens a gate where no answer can be right, and returns the token and the answer to type --


async def code_not_delivered_yet(world: World) -> tuple[str, str]:
    return await world.ask(await world.start()), NO_CODE


async def code_dropped_for_another_contact(world: World) -> tuple[str, str]:
    return await world.challenge(await world.start(), contact="mallory@evil.example"), NO_CODE


async def code_dropped_for_a_resting_method(world: World) -> tuple[str, str]:
    row = world.row()
    world.people.put(replace(row, methods=(replace(row.methods[0], usable_from=at(days=1)), *row.methods[1:])))
    return await world.challenge(await world.start()), NO_CODE


async def code_expired(world: World) -> tuple[str, str]:
    token = await world.challenge(await world.start())
    world.clock.move(seconds=world.policy.code_seconds_email)
    return world.seal(replace(world.verification(token), idle_at=at(hours=1))), world.code()


async def code_replaced_by_a_newer_one(world: World) -> tuple[str, str]:
    first = await world.challenge(await world.start())
    old = world.code()
    world.clock.move(minutes=1)
    await world.challenge(first)
    return first, old


async def account_changed_meanwhile(world: World) -> tuple[str, str]:
    token = await world.challenge(await world.start())
    world.people.put(replace(world.row(), version="B" * 22))
    return token, world.code()


async def hundred_failures_in_a_row(world: World) -> tuple[str, str]:
    token = await world.challenge(await world.start())
    failures = Failures(since=world.clock.now(), count=1, consecutive=100)
    world.people.put(replace(world.row(), failures={"reset:1:email": failures}))
    return token, world.code()


DEAD_ENDS = [
    code_not_delivered_yet, code_dropped_for_another_contact, code_dropped_for_a_resting_method, code_expired,
    code_replaced_by_a_newer_one, account_changed_meanwhile, hundred_failures_in_a_row,
]  # fmt: skip


@pytest.mark.parametrize("case", DEAD_ENDS)
async def test_a_try_at_an_open_gate_is_counted_even_if_no_code_can_be_right(case: object) -> None:
    """One write counts it on the attempt and on the method, even if the code was dropped, expired or replaced."""
    world = a_world()
    await world.ada()
    token, answer = await case(world)
    before, writes = world.row().failures.get("reset:1:email", Failures(since=at())), world.people.writes
    with pytest.raises(AnswerRefused) as refused:
        await world.answer(token, answer)
    assert refused.value.tries_left == 4
    assert world.people.writes == writes + 1
    assert attempt_of(world, token).tries == 1
    after = world.row().failures["reset:1:email"]
    assert (after.count, after.consecutive) == (before.count + 1, before.consecutive + 1)


async def test_a_try_at_a_suspended_method_counts_on_the_attempt_and_not_on_the_method() -> None:
    """No code was sent before the suspension. Otherwise strangers could prolong it by answering (rule 10)."""
    world = a_world()
    await world.ada()
    failures = Failures(since=world.clock.now(), count=10, consecutive=10, suspended_until=at(days=1))
    world.people.put(replace(world.row(), failures={"reset:1:email": failures}))
    token = await world.challenge(await world.start())
    with pytest.raises(AnswerRefused):
        await world.answer(token, NO_CODE)
    assert attempt_of(world, token).tries == 1
    assert world.row().failures == {"reset:1:email": failures}


async def test_a_strangers_try_is_written_and_counted() -> None:
    """On a row of the stranger's own: the same write and the same count."""
    world = a_world()
    token = await world.challenge(await world.start("unknown"))
    writes = world.people.writes
    with pytest.raises(AnswerRefused):
        await world.answer(token, NO_CODE)
    assert world.people.writes == writes + 1
    assert attempt_of(world, token, "unknown").tries == 1
    assert world.row("unknown").failures["reset:1:email"].count == 1


@pytest.mark.parametrize("case", DEAD_ENDS)
async def test_five_tries_end_the_attempt_even_if_no_code_can_be_right(case: object) -> None:
    """The sixth try writes nothing, and a code that arrives later is refused."""
    world = a_world(**OPEN)
    await world.ada()
    token, answer = await case(world)
    for _ in range(5):
        with pytest.raises(AnswerRefused):
            await world.answer(token, answer)
    row = world.row()
    with pytest.raises(AnswerRefused):
        await world.answer(token, answer)
    assert world.row() == row
    await world.deliver()
    if world.codes():
        with pytest.raises(AnswerRefused):
            await world.answer(token, world.code())


# -- no more outcomes are answered than counted --


async def test_parallel_wrong_answers_count_exactly_the_allowed_tries() -> None:
    """After 200 parallel answers the row has five tries, and the right code is refused."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    code = world.code()
    told = await outcomes([world.answer(token, wrong(code)) for _ in range(200)])
    assert told == {"AnswerRefused": 200}
    assert attempt_of(world, token).tries == world.policy.tries_per_code
    assert world.row().failures["reset:1:email"].count == world.policy.tries_per_code
    with pytest.raises(AnswerRefused):
        await world.answer(token, code)


@pytest.mark.parametrize(
    ("slips", "is_accepted"), [pytest.param(4, True, id="four_slips"), pytest.param(5, False, id="five_slips")]
)
async def test_the_right_answer_is_accepted_while_a_try_is_left(slips: int, is_accepted: bool) -> None:
    """After four wrong answers it is accepted, after five it is not."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    for _ in range(slips):
        with pytest.raises(AnswerRefused):
            await world.answer(token, wrong(world.code()))
    if is_accepted:
        assert isinstance(await world.answer(token, world.code()), NextGate)
    else:
        with pytest.raises(AnswerRefused):
            await world.answer(token, world.code())


async def test_parallel_right_answers_succeed_exactly_once() -> None:
    """Of 30 parallel answers one passes the gate and 29 are refused."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    told = await outcomes([world.answer(token, world.code()) for _ in range(30)])
    assert told == {"NextGate": 1, "AnswerRefused": 29}
    assert attempt_of(world, token).tries == 0


async def test_parallel_guesses_learn_no_more_outcomes_than_were_counted() -> None:
    """Of 24 different answers one is right. The row has exactly five outcomes."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    code = world.code()
    guesses = [f"{(int(code.replace('-', '')) + n) % 10**8:08}" for n in range(1, 24)] + [code]
    told = await outcomes([world.answer(token, guess) for guess in guesses])
    attempt = attempt_of(world, token)
    assert attempt.tries + bool(attempt.passed) <= world.policy.tries_per_code
    assert told["NextGate"] == bool(attempt.passed)


@pytest.mark.parametrize("is_right", [True, False], ids=["right", "wrong"])
async def test_an_answer_whose_write_never_succeeds_learns_nothing(is_right: bool) -> None:
    """A store that accepts no write gives 503, for a right and for a wrong answer alike."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    row = world.row()
    world.people.faults = [Fault.CONFLICT] * 100
    with pytest.raises(TryAgain):
        await world.answer(token, world.code() if is_right else wrong(world.code()))
    assert world.row() == row


async def test_an_answer_without_tries_left_writes_nothing() -> None:
    """After the last try, or after the pass, a flood of answers causes no write."""
    world = a_world(**OPEN)
    await world.ada()
    spent = await world.challenge(await world.start())
    for _ in range(5):
        with pytest.raises(AnswerRefused):
            await world.answer(spent, wrong(world.code()))
    passed = await world.challenge(await world.start(), "mobile_phone")
    await world.answer(passed, world.code("mobile_phone"))
    row, writes = world.row(), world.people.writes
    for token, method in ((spent, "email"), (passed, "mobile_phone")):
        for answer in (world.code(method), wrong(world.code(method))):
            with pytest.raises(AnswerRefused):
                await world.answer(token, answer)
    assert (world.row(), world.people.writes) == (row, writes)


# -- sends --


async def test_a_resend_invalidates_the_old_code_and_gives_no_new_tries() -> None:
    """Three wrong answers, a resend, two wrong answers: the new code is refused (R-14), the old one too (R-18)."""
    world = a_world(**OPEN)
    await world.ada()
    first = await world.challenge(await world.start())
    old = world.code()
    for _ in range(3):
        with pytest.raises(AnswerRefused):
            await world.answer(first, wrong(old))
    world.clock.move(seconds=world.policy.send_interval_seconds)
    second = await world.challenge(first)
    for token, answer in ((first, old), (second, wrong(world.code()))):
        with pytest.raises(AnswerRefused):
            await world.answer(token, answer)
    assert attempt_of(world, second).tries == 5
    with pytest.raises(AnswerRefused):
        await world.answer(second, world.code())


async def test_after_a_resend_the_new_code_is_right_and_the_old_one_is_not() -> None:
    """With either token the old code costs a try of the same attempt. The new one passes the gate (R-18)."""
    world = a_world(**OPEN)
    await world.ada()
    first = await world.challenge(await world.start())
    old = world.code()
    world.clock.move(seconds=world.policy.send_interval_seconds)
    second = await world.challenge(first)
    for token in (first, second):
        with pytest.raises(AnswerRefused):
            await world.answer(token, old)
    assert attempt_of(world, second).tries == 2
    assert isinstance(await world.answer(second, world.code()), NextGate)


async def test_a_resend_within_the_wait_is_refused() -> None:
    """The second code needs a wait of one minute, the third of two. A fourth is refused (R-70)."""
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


@pytest.mark.parametrize("spelling", ["{a}{b}", " {a}-{b} ", "{a}\u00a0{b}"], ids=["bare", "hyphen", "no_break_blank"])
async def test_a_code_copied_with_blanks_or_hyphens_is_right(spelling: str) -> None:
    """Blanks, no-break blanks and hyphens are ignored (A-32)."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    a, b = world.code().split("-")
    assert isinstance(await world.answer(token, spelling.format(a=a, b=b), client=CLIENT), NextGate)
