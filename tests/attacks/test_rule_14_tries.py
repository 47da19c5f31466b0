"""Rule 14: the tries of a kept secret count on the attempt and on the method, and wrong answers suspend the method."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.errors import NoTriesLeft
from shared.domain.person import Failures
from shared.domain.trail import Tag
from shared.usecases.verify import NextGate
from tests.attacks.authenticator import APP, App, an_app, refused
from tests.attacks.no_limits import MANY_STARTS, STRANGER
from tests.builders import CLIENT, World, a_world, at

GUESS = "000000"


async def ada_with_an_app(*, is_known: bool = False, **row: object) -> tuple[World, App]:
    """Return a world where Ada has an address, a phone and one app. `is_known`: CLIENT is a known client."""
    world = a_world(**MANY_STARTS, new_method_rest_hours=0)
    known = (world.adapters.keyring.digest("client", CLIENT),) if is_known else ()
    await world.ada(known_clients=known)
    app = await an_app(world)
    await world.deliver()
    world.people.put(replace(world.row(), **row))
    return world, app


async def asked(world: World, name: str = "ada", *, client: str = CLIENT) -> str:
    """Return a token at gate one with a challenge by app."""
    return await world.ask(await world.start(name, client=client), APP, client=client)


def failures_of(world: World, name: str = "ada", key: str = f"reset:1:{APP}") -> Failures:
    return world.row(name).failures[key]


async def ten_failures(world: World, app: App | None, name: str = "ada") -> None:
    """A stranger gives five wrong answers in each of two verifications."""
    for _ in range(2):
        token = await asked(world, name, client=STRANGER)
        for _ in range(5):
            await refused(world.answer(token, app.wrong() if app else GUESS, client=STRANGER))


SUSPENDED = {f"reset:1:{APP}": Failures(since=at(), count=10, consecutive=10, suspended_until=at(days=1))}


async def test_wrong_answers_by_app_count_on_the_attempt_and_on_the_method() -> None:
    """Five end the attempt, for the right code too. The method counts five and stays open in other attempts."""
    world, app = await ada_with_an_app()
    token = await asked(world)
    for tries in range(1, 6):
        await refused(world.answer(token, app.wrong()))
        assert world.row().attempts[-1].tries == tries
        assert (failures_of(world).count, failures_of(world).consecutive) == (tries, tries)
    await refused(world.answer(token, app.code()))
    assert failures_of(world).count == 5
    assert isinstance(await world.answer(await asked(world), app.code()), NextGate)
    assert (failures_of(world).count, failures_of(world).consecutive) == (5, 0)


async def test_ten_wrong_answers_by_app_suspend_it_and_cause_a_notice() -> None:
    """As for codes: for a day, with an event and a notice to every address. Other methods stay open."""
    world, app = await ada_with_an_app()
    await world.tell()
    await ten_failures(world, app)
    assert failures_of(world).suspended_until == world.clock.at + timedelta(days=1)
    assert [event.tag for event in world.trail.events].count(Tag.METHOD_SUSPENDED) == 1
    before = world.adapters.email.attempts, world.adapters.sms.attempts
    await world.tell()
    assert (world.adapters.email.attempts, world.adapters.sms.attempts) == (before[0] + 1, before[1] + 1)
    assert world.row().notices == ()
    assert isinstance(await world.pass_gate(await world.start(), "email"), NextGate)


async def test_a_suspended_app_refuses_the_right_code_of_a_stranger() -> None:
    """It counts for the attempt and not for the method, uses up no step, and looks like a wrong answer."""
    world, app = await ada_with_an_app(failures=SUSPENDED, known_clients=())
    token = await asked(world, client=STRANGER)
    refusals = [await refused(world.answer(token, text, client=STRANGER)) for text in (app.code(), app.wrong())]
    assert [refusal.tries_left for refusal in refusals] == [4, 4]
    assert str(refusals[0]) == str(refusals[1])
    assert world.trail.events[-1] == world.trail.events[-2]
    assert world.row().attempts[-1].tries == 2
    assert world.row().failures == SUSPENDED


async def test_a_suspended_app_accepts_the_right_code_from_a_known_client() -> None:
    """Guessing strangers do not lock her out there, and their answers do not use up her code."""
    world, app = await ada_with_an_app(is_known=True, failures=SUSPENDED)
    await refused(world.answer(await asked(world, client=STRANGER), app.code(), client=STRANGER))
    assert isinstance(await world.answer(await asked(world), app.code()), NextGate)
    assert failures_of(world).consecutive == 0


async def test_a_suspended_app_accepts_known_clients_only_within_the_reserve() -> None:
    """After five wrong answers in a day the right code is refused too, and the method no longer counts."""
    world, app = await ada_with_an_app(is_known=True, failures=SUSPENDED)
    for reserved in range(1, 6):
        token = await asked(world)
        await refused(world.answer(token, app.wrong()))
        assert (failures_of(world).count, failures_of(world).reserved) == (10, reserved)
    token = await asked(world)
    await refused(world.answer(token, app.code()))
    assert world.row().attempts[-1].tries == 1
    assert (failures_of(world).count, failures_of(world).reserved) == (10, 5)


async def test_the_client_that_answers_must_be_known_not_the_one_that_asked() -> None:
    """A stranger gains nothing from a token that a known client began."""
    world, app = await ada_with_an_app(is_known=True, failures=SUSPENDED)
    token = await asked(world)
    await refused(world.answer(token, app.code(), client=STRANGER))
    assert isinstance(await world.answer(token, app.code()), NextGate)


async def test_a_suspension_of_an_app_ends_after_a_day_despite_further_guesses() -> None:
    """Further tries do not prolong it. Then the right code passes the gate."""
    world, app = await ada_with_an_app()
    await ten_failures(world, app)
    until = failures_of(world).suspended_until
    assert until is not None
    for _ in range(3):
        world.clock.move(hours=6)
        await ten_failures(world, app)
    assert failures_of(world).suspended_until == until
    world.clock.at = until
    assert isinstance(await world.answer(await asked(world), app.code()), NextGate)


@pytest.mark.parametrize("client", [CLIENT, STRANGER], ids=["known_client", "stranger"])
async def test_a_hundred_consecutive_failures_close_apps_until_one_is_confirmed(client: str) -> None:
    """For known clients too, for any number of days. Confirming one of her apps again opens all of them."""
    closed = {f"reset:1:{APP}": Failures(since=at(), consecutive=100)}
    world, app = await ada_with_an_app(is_known=True, failures=closed)
    world.clock.move(days=30)
    await refused(world.answer(await asked(world, client=client), app.code(), client=client))
    assert failures_of(world).consecutive == 100
    await an_app(world)
    assert isinstance(await world.answer(await asked(world, client=client), app.code(), client=client), NextGate)


@pytest.mark.parametrize("replaces", [False, True], ids=["added", "replaced"])
async def test_confirming_another_app_does_not_end_a_suspension(replaces: bool) -> None:
    """Somebody who knows the password gets no new guesses against her app by confirming one of their own."""
    world, hers = await ada_with_an_app()
    other = await an_app(world)
    await ten_failures(world, hers)
    suspended = failures_of(world)
    assert suspended.suspended_until is not None
    await an_app(world, **({"credential": other.credential} if replaces else {}))
    assert failures_of(world) == replace(suspended, consecutive=0)
    await refused(world.answer(await asked(world, client=STRANGER), hers.code(), client=STRANGER))


async def test_failures_of_an_app_at_gate_two_count_separately() -> None:
    """A stranger reaches gate 1 only. The suspended app still passes gate 2 for its owner."""
    world, app = await ada_with_an_app(failures=SUSPENDED)
    outcome = await world.pass_gate(await world.start(), "email")
    assert isinstance(outcome, NextGate)
    token = await world.ask(outcome.verification_token, APP)
    await refused(world.answer(token, app.wrong()))
    assert failures_of(world, key=f"reset:2:{APP}").count == 1
    await world.answer(token, app.code())


@pytest.mark.parametrize("name", ["unknown", "unregistered", "without_an_app"])
async def test_a_strangers_answers_by_app_are_counted_like_an_owners(name: str) -> None:
    """On the row of that name: five tries, ten failures and a suspension, and no order before it."""
    world, _ = await ada_with_an_app()
    await world.account("unregistered")
    await world.account("without_an_app", email="w@mail.example")
    token = await asked(world, name)
    assert world.orders == []
    for tries in range(1, 6):
        refusal = await refused(world.answer(token, GUESS))
        assert refusal.tries_left == 5 - tries
        assert world.row(name).attempts[-1].tries == tries
        token = refusal.verification_token or ""
    assert isinstance(refusal, NoTriesLeft)
    assert failures_of(world, name).count == 5
    writes = world.people.writes
    await refused(world.answer(token, GUESS))
    assert world.people.writes == writes
    assert world.orders == []
    await ten_failures(world, None, name)
    assert failures_of(world, name).count == 10
    assert failures_of(world, name).suspended_until is not None


@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "at once"])
async def test_three_hundred_tries_that_were_prepared_are_judged_no_more_than_a_day_allows(at_once: bool) -> None:
    """Spread over names, verifications and addresses. Ten are judged, and the right code behind them is refused too."""
    world, app = await ada_with_an_app()
    key, keyring = world.key_of("ada"), world.adapters.keyring
    names = ("ada", "ada@office.example", "a.lovelace")
    world.adapters.names.accounts.update({keyring.name_key(name): key for name in names})
    clients = [f"198.51.{n // 250}.{n % 250}" for n in range(300)]
    tokens = [await asked(world, names[n % 3], client=client) for n, client in enumerate(clients)]
    near = {app.code(steps) for steps in range(-3, 4)}
    guesses = [guess for n in range(310) if (guess := f"{n:06}") not in near][:299]
    answers = [
        world.answer(token, guess, client=client)
        for token, guess, client in zip(tokens, [*guesses, app.code()], clients, strict=True)
    ]
    if at_once:
        told = await asyncio.gather(*answers, return_exceptions=True)
    else:
        told = [(await asyncio.gather(answer, return_exceptions=True))[0] for answer in answers]
    assert not [one for one in told if isinstance(one, NextGate)]
    assert failures_of(world).count == world.policy.failures_per_method_day
