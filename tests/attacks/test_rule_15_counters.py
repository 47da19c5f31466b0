"""Rule 15: what the counters count and when, and that a step is refused if its counter cannot be reached."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import BotCheckRequired, Limited, Refused, SignInRequired, TryAgain
from shared.domain.limits import Allowance, Rate, Window, counted, credited, forgiven, verdict
from shared.domain.trail import Trail
from shared.usecases.ask_proof import AskProof
from shared.usecases.change_password import ChangePassword
from shared.usecases.give_proof import GiveProof
from shared.usecases.report_loss import ReportLoss
from shared.usecases.withdraw_loss import WithdrawLoss
from tests.builders import CLIENT, PASSWORD, World, a_world, at, wrong
from tests.fakes.clock import MONDAY_MORNING

HOURLY = Rate(3, timedelta(hours=1))
DAILY = Rate(5, timedelta(days=1))
HIT = Allowance(True, counted=(HOURLY,), at=at(minutes=59))


@given(st.lists(st.integers(min_value=0, max_value=5000), min_size=1, max_size=60))
def test_no_window_counts_more_than_its_limit(gaps: list[int]) -> None:
    """For every sequence of hits, no window allows more than its rate."""
    windows: dict[str, Window] = {}
    now = MONDAY_MORNING
    for gap in gaps:
        now += timedelta(seconds=gap)
        allowance = verdict(windows, (HOURLY, DAILY), now)
        if allowance.allowed:
            windows = counted(windows, (HOURLY, DAILY), now)
        else:
            later = now + timedelta(seconds=allowance.retry_after)
            assert verdict(windows, (HOURLY, DAILY), later).allowed
        assert windows[HOURLY.key].count <= HOURLY.limit
        assert windows[DAILY.key].count <= DAILY.limit


def test_the_wait_is_until_every_full_window_has_ended() -> None:
    """After the wait the next hit must be allowed, also by the longer windows."""
    windows = {HOURLY.key: Window(MONDAY_MORNING, 3), DAILY.key: Window(MONDAY_MORNING, 5)}
    assert verdict(windows, (HOURLY, DAILY), at(minutes=30)).retry_after == int(timedelta(hours=23.5).total_seconds())
    assert verdict(windows, (HOURLY,), at(minutes=59, seconds=59.5)).retry_after == 1
    assert verdict(windows, (HOURLY,), at(hours=1)).allowed


def test_forgiven_hits_never_make_a_count_negative() -> None:
    """Otherwise a success would give credit for guesses."""
    windows = {HOURLY.key: Window(MONDAY_MORNING, 1)}
    twice = credited(credited({}, windows, HIT), windows, HIT)
    assert twice == {HOURLY.key: Window(MONDAY_MORNING, 2)}
    assert forgiven(windows, twice)[HOURLY.key].count == 0


def test_a_forgiven_hit_is_subtracted_from_the_window_that_counted_it() -> None:
    """A success in an earlier window does not reduce the failures of this one."""
    credit = credited({}, {HOURLY.key: Window(MONDAY_MORNING, 3)}, HIT)
    later = {HOURLY.key: Window(at(hours=1), 3), DAILY.key: Window(MONDAY_MORNING, 3)}
    assert forgiven(later, credit) == later
    assert credited({}, later, HIT) == {}, "the success was answered after the window had ended"


def test_a_limit_that_an_operator_changed_keeps_its_count() -> None:
    """The key of a window is its length, so a changed limit does not start a new count."""
    windows = counted({}, (HOURLY,), MONDAY_MORNING)
    assert not verdict(windows, (Rate(1, timedelta(hours=1)),), at(minutes=1)).allowed


@pytest.mark.parametrize("limit", ["challenges_per_verification", "starts_per_client_hour"])
@pytest.mark.parametrize("name", ["ada", "nobody"])
async def test_a_repeated_token_renews_no_challenges(name: str, limit: str) -> None:
    """The token of the start can be sent again and again; the verification and the client are counted (rule 2)."""
    world = a_world(**{limit: 6 if limit == "challenges_per_verification" else 1})
    await world.ada()
    token = await world.start(name)
    for _ in range(6):
        await world.ask(token)
    with pytest.raises(Limited):
        await world.ask(token)
    if limit == "challenges_per_verification":
        await world.ask(await world.start(name))


@pytest.mark.parametrize("names", [1, 11], ids=["one name", "eleven names"])
async def test_wrong_answers_close_starts_without_a_bot_check_and_no_answer(names: int) -> None:
    """Eleven for one name, or for eleven names: the next start needs the check, and a right answer under way passes.

    Other names stay open to the client that failed for one name, and every name to other clients.
    """
    world = a_world(failures_per_method_day=20)
    await world.ada()
    hers = await world.challenge(await world.start())
    for n in range(11):
        token = await world.ask(await world.start(f"name {n % names}", client=f"192.0.2.{n // 4}"))
        with pytest.raises(Refused):
            await world.answer(token, "11111111")
    assert await world.check("name 0")
    assert bool(await world.check("another name")) is (names == 11)
    assert await world.check("name 0", client="192.0.2.77") == ""
    await world.answer(hers, world.code())


async def test_a_right_answer_counts_for_nobody() -> None:
    """Many people behind one address can reset. A success does not clear wrong answers (A-59)."""
    world = a_world(gates=1)
    await world.ada()
    before = world.adapters.limiter.hits.total()
    token = await world.challenge(await world.start())
    with pytest.raises(Refused):
        await world.answer(token, wrong(world.code()))
    counter = world.adapters.keyring.digest("start.name", world.adapters.keyring.name_key("ada"))
    windows, hits = world.adapters.limiter.windows[counter], world.adapters.limiter.hits.total()
    await world.answer(token, world.code())
    assert (world.adapters.limiter.windows[counter], world.adapters.limiter.hits.total()) == (windows, hits)
    assert (windows["wrong.86400"].count, hits > before) == (1, True)


Step = Callable[[World, str, str], Awaitable[object]]


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(lambda world, _token, _session: world.start(), id="start"),
        pytest.param(lambda world, token, _session: world.ask(token, "mobile_phone"), id="challenge"),
        pytest.param(lambda world, _token, _session: world.sign_in(), id="sign_in"),
        pytest.param(lambda world, _token, session: world.begin(session, "email", "new@mail.example"), id="begin"),
        pytest.param(
            lambda world, _token, session: world.service.use(ChangePassword)(session, PASSWORD, PASSWORD, world.trail),
            id="change_password",
        ),
    ],
)
async def test_a_step_whose_counter_cannot_be_reached_is_refused(step: Step) -> None:
    """Nothing is judged that cannot be counted, and the row does not change."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    session = await world.sign_in()
    await world.prove_change(session)  # a try without a proof is told, and counts nothing
    world.adapters.limiter.is_lost = True
    before = world.row()
    with pytest.raises(TryAgain):
        await step(world, token, session)
    assert world.row() == before


async def test_a_delivery_whose_counter_cannot_be_reached_sends_nothing_and_is_repeated() -> None:
    """For the owner and for a stranger alike: no claim, no nonce, and the queue keeps the order."""
    world = a_world()
    await world.ada()
    for name in ("ada", "unknown"):
        await world.ask(await world.start(name))
    orders, world.orders = world.orders, []
    world.adapters.limiter.is_lost = True
    writes = world.people.writes
    for order in orders:
        with pytest.raises(TryAgain):
            await world.deliver(order)
    assert (world.adapters.email.attempts, world.people.writes) == (0, writes)


async def test_a_client_over_its_limit_does_not_use_up_the_limit_of_a_name() -> None:
    """The client is counted first. When it is over its limit, the name is not counted."""
    world = a_world(starts_per_client_minute=1)
    await world.start("victim")
    keyring = world.adapters.keyring
    counter = keyring.digest("start.name", keyring.name_key("victim"))
    hits = world.adapters.limiter.hits[counter]
    for _ in range(5):
        assert await world.check("victim")
    assert world.adapters.limiter.hits[counter] == hits


async def test_starts_for_one_name_are_counted_over_all_clients() -> None:
    """After twenty starts from twenty addresses, the next needs the bot check from every address."""
    world = a_world()
    for n in range(20):
        await world.start("ada", client=f"198.51.100.{n}")
    assert await world.check("ada", client="198.51.100.99")
    await world.start("bob", client="198.51.100.99")


async def test_parallel_guesses_of_a_password_are_all_counted() -> None:
    """They are counted before the password is checked, so they cannot all pass one check."""
    world = a_world()
    await world.ada()
    told = await asyncio.gather(*(world.sign_in(password=f"guess {n}") for n in range(30)), return_exceptions=True)
    assert sum(isinstance(result, SignInRequired) for result in told) == 5
    assert sum(isinstance(result, BotCheckRequired) for result in told) == 25
    assert world.directory.hashes == 5


async def confirm_nothing(world: World, session: str) -> None:
    await world.confirm(session, "email", "12345678")


async def answer_a_spent_proof(world: World, session: str) -> None:
    ask, give = world.service.use(AskProof), world.service.use(GiveProof)
    if "spent" not in world.proofs:
        asked = await ask(session, "email", Trail(), proof=None, channel=None, client=CLIENT, language="en")
        world.proofs["spent"] = asked.proof
    await give(session, world.proofs["spent"], "12345678", world.trail, client=CLIENT)


async def report_too_many_losses(world: World, session: str) -> None:
    await world.service.use(WithdrawLoss)(session, world.trail)
    await world.service.use(ReportLoss)(session, world.trail)


@pytest.mark.parametrize("repeated", [confirm_nothing, answer_a_spent_proof, report_too_many_losses])
async def test_refusals_that_a_signed_in_person_can_repeat_leave_few_events(
    repeated: Callable[[World, str], Awaitable[None]],
) -> None:
    """A stolen session could otherwise fill the audit log: the 1st, 10th, 100th of a kind is left, with its number."""
    world = a_world(tries_per_code=3, method_changes_per_account_day=5)
    await world.ada()
    session = await world.sign_in()
    for _ in range(5):
        with suppress(Refused, Limited):
            await repeated(world, session)
    before = len(world.trail.events)
    for _ in range(120):
        with pytest.raises((Refused, Limited)):
            await repeated(world, session)
    assert 1 <= len(world.trail.events) - before <= 4
