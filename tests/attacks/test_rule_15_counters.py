"""Rule 15: what the counters count, before what, and that a lost counter refuses."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Limited, Refused, SignInRequired, TryAgain
from shared.domain.rate import Rate, Window, counted, credited, forgiven, verdict
from shared.usecases.change_password import ChangePassword
from shared.usecases.remove_method import RemoveMethod
from tests.builders import CLIENT, PASSWORD, a_world, at, wrong
from tests.fakes.clock import MONDAY_MORNING

HOURLY = Rate(3, timedelta(hours=1))
DAILY = Rate(5, timedelta(days=1))


@given(st.lists(st.integers(min_value=0, max_value=5000), min_size=1, max_size=60))
def test_never_more_than_the_limit_within_a_window(gaps: list[int]) -> None:
    """However hits are spread, no window ever counts more than its rate allows."""
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
    """An hour's wait that leads into a day's would be a lie."""
    windows = {HOURLY.key: Window(MONDAY_MORNING, 3), DAILY.key: Window(MONDAY_MORNING, 5)}
    assert verdict(windows, (HOURLY, DAILY), at(minutes=30)).retry_after == int(timedelta(hours=23.5).total_seconds())
    assert verdict(windows, (HOURLY,), at(minutes=59, seconds=59.5)).retry_after == 1
    assert verdict(windows, (HOURLY,), at(hours=1)).allowed


def test_what_is_forgiven_never_falls_below_nothing() -> None:
    """A success is taken back once; it does not become a credit for guesses."""
    windows = {HOURLY.key: Window(MONDAY_MORNING, 1)}
    twice = credited(credited({}, windows), windows)
    assert twice == {HOURLY.key: Window(MONDAY_MORNING, 2)}
    assert forgiven(windows, twice)[HOURLY.key].count == 0


def test_what_is_forgiven_is_taken_from_the_window_that_counted_it() -> None:
    """A success of an earlier window takes nothing from the failures of this one."""
    credit = credited({}, {HOURLY.key: Window(MONDAY_MORNING, 3)})
    later = {HOURLY.key: Window(at(hours=1), 3), DAILY.key: Window(MONDAY_MORNING, 3)}
    assert forgiven(later, credit) == later


def test_a_changed_limit_keeps_the_count() -> None:
    """A window is named by its length: an operator who tightens a limit does not hand out a fresh one."""
    windows = counted({}, (HOURLY,), MONDAY_MORNING)
    assert not verdict(windows, (Rate(1, timedelta(hours=1)),), at(minutes=1)).allowed


async def test_answers_are_counted_before_they_are_compared() -> None:
    """Ten wrong ones from one address in five minutes, over any number of verifications; then even the right waits."""
    world = a_world(sends_per_destination_10min=20, sends_per_destination_hour=20)
    await world.ada()
    for _ in range(2):
        token = await world.challenge(await world.start())
        for _ in range(5):
            with pytest.raises(Refused):
                await world.answer(token, wrong(world.code()))
    token = await world.challenge(await world.start(), "mobile_phone")
    with pytest.raises(Limited):
        await world.answer(token, world.code("mobile_phone"))
    await world.answer(token, world.code("mobile_phone"), client="198.51.100.1")


async def test_a_right_answer_costs_its_client_nothing() -> None:
    """An office behind one address resets all day; and a success clears no wrong answers (A-59)."""
    world = a_world(verify_failures_per_client_5min=2)
    await world.ada()
    counter = world.adapters.keyring.digest("verify.client", CLIENT)
    token = await world.challenge(await world.start())
    with pytest.raises(Refused):
        await world.answer(token, wrong(world.code()))
    await world.answer(token, world.code())
    assert {window.count for window in world.adapters.limiter.windows[counter].values()} == {1}


async def test_a_lost_counter_refuses() -> None:
    """Start, verify, sign-in and registration fail closed when the counters cannot be reached."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    session = await world.sign_in()
    world.adapters.limiter.is_lost = True
    before = world.row()
    for step in (
        world.start(),
        world.answer(token, world.code()),
        world.sign_in(),
        world.begin(session, "email", "new@mail.example"),
        world.service.use(ChangePassword)(session, PASSWORD, PASSWORD, world.trail),
    ):
        with pytest.raises(TryAgain):
            await step
    assert world.row() == before


async def test_an_address_over_its_limit_no_longer_eats_other_peoples() -> None:
    """The client is counted first: once it is over, the name's counter stands still."""
    world = a_world(starts_per_client_minute=1)
    await world.start("victim")
    keyring = world.adapters.keyring
    counter = keyring.digest("start.name", keyring.name_key("victim"))
    hits = world.adapters.limiter.hits[counter]
    for _ in range(5):
        with pytest.raises(Limited):
            await world.start("victim")
    assert world.adapters.limiter.hits[counter] == hits


async def test_names_are_counted_over_all_clients() -> None:
    """Twenty starts for one name from twenty addresses; the next is refused for any address."""
    world = a_world()
    for n in range(20):
        await world.start("ada", client=f"198.51.100.{n}")
    with pytest.raises(Limited):
        await world.start("ada", client="198.51.100.99")
    await world.start("bob", client="198.51.100.99")


async def test_notices_have_a_cap_of_their_own() -> None:
    """Codes do not use up the notices' allowance, nor notices the codes'; twenty a day, and no more."""
    world = a_world(notices_per_destination_day=1)
    await world.ada()
    await world.complete(await world.prove())
    await world.deliver()
    notices = world.adapters.email.attempts
    session = await world.sign_in(password="velvet harbour mosaic tundra")
    await world.service.use(RemoveMethod)(session, "mobile_phone", world.trail)
    await world.deliver()
    assert world.adapters.email.attempts == notices
    assert world.row().notices == ()
    await world.challenge(await world.start())
    assert world.adapters.email.attempts == notices + 1


async def test_guesses_at_a_password_released_together_are_all_counted() -> None:
    """Spent before the password is looked at: parallel guesses do not all pass one check."""
    world = a_world()
    await world.ada()
    told = await asyncio.gather(*(world.sign_in(password=f"guess {n}") for n in range(30)), return_exceptions=True)
    assert sum(isinstance(result, SignInRequired) for result in told) == 5
    assert sum(isinstance(result, Limited) for result in told) == 25
    assert world.directory.hashes == 5
