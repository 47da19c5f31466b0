"""Rule 10: strangers cannot lock a person out, and cannot guess for ever either."""

from dataclasses import replace

import pytest

from shared.domain.audit import Tag
from shared.domain.errors import Refused
from shared.domain.person import Failures, Standing
from shared.usecases.verify import NextGate
from tests.builders import CLIENT, EMAIL, World, a_world, wrong

OPEN = {
    "verify_failures_per_client_5min": 1000, "verify_failures_per_client_hour": 1000,
    "starts_per_name_and_client_hour": 1000, "starts_per_name_hour": 1000, "starts_per_name_day": 1000,
    "sends_per_destination_10min": 20, "sends_per_destination_hour": 20, "sends_per_destination_day": 20,
}  # fmt: skip
STRANGER = "198.51.100.9"


async def ten_failures(world: World, method: str = "email") -> None:
    """A stranger's two verifications with five wrong answers each."""
    for _ in range(2):
        token = await world.challenge(await world.start(client=STRANGER), method, client=STRANGER)
        for _ in range(5):
            with pytest.raises(Refused):
                await world.answer(token, wrong(world.code(method)), client=STRANGER)


async def a_known_ada(world: World) -> None:
    """CLIENT was seen in an earlier success."""
    await world.ada(known_clients=(world.adapters.keyring.digest("client", CLIENT),))


async def test_a_suspension_leaves_the_tries_of_a_live_claim() -> None:
    """Her code was on its way when the stranger began: it still opens the gate."""
    world = a_world(**OPEN)
    await world.ada()
    token = await world.challenge(await world.start())
    code = world.code()
    await ten_failures(world)
    assert world.row().failures["reset:1:email"].suspended_until is not None
    assert isinstance(await world.answer(token, code), NextGate)


async def test_a_suspension_closes_the_method_to_new_claims() -> None:
    """For 24 hours no code goes out at this gate; then one does."""
    world = a_world(**OPEN)
    await world.ada()
    await ten_failures(world)
    sent = len(world.codes())
    await world.challenge(await world.start())
    assert world.row().claims[-1].standing is Standing.CLOSED
    assert len(world.codes()) == sent
    world.clock.move(days=1)
    await world.challenge(await world.start())
    assert len(world.codes()) == sent + 1


async def test_the_person_is_told_of_a_suspension() -> None:
    """Once, to every confirmed address, with a promise that survives this process (R-50)."""
    world = a_world(**OPEN)
    await world.ada()
    await ten_failures(world)
    assert len(world.adapters.promised.promises) == 1
    sms = world.adapters.sms.attempts
    await world.deliver()
    assert world.row().notices == ()
    assert world.adapters.sms.attempts == sms + 1


async def test_other_methods_stay_open() -> None:
    """Ten failures by email say nothing about the phone."""
    world = a_world(**OPEN)
    await world.ada()
    await ten_failures(world)
    assert isinstance(await world.pass_gate(await world.start(), "mobile_phone"), NextGate)


async def test_the_second_gate_has_a_counter_of_its_own() -> None:
    """A stranger reaches gate 1 only: the same method at gate 2 is still open to her."""
    world = a_world(**OPEN)
    await world.ada()
    await ten_failures(world)
    outcome = await world.pass_gate(await world.start(), "mobile_phone")
    await world.pass_gate(outcome.verification_token, "email")


async def test_a_known_client_has_tries_left_in_a_suspension() -> None:
    """Five more a day for an address seen in an earlier success, and then no more."""
    world = a_world(**OPEN)
    await a_known_ada(world)
    await ten_failures(world)
    token = await world.challenge(await world.start())
    assert world.row().claims[-1].standing is Standing.LIVE
    for _ in range(4):
        with pytest.raises(Refused):
            await world.answer(token, wrong(world.code()))
    assert isinstance(await world.answer(token, world.code()), NextGate)
    token = await world.challenge(await world.start())
    with pytest.raises(Refused):
        await world.answer(token, wrong(world.code()))
    await world.challenge(await world.start())
    assert world.row().claims[-1].standing is Standing.CLOSED


async def test_a_known_client_has_sends_left_after_strangers_used_up_the_day() -> None:
    """Of ten codes a day two are kept for her (C11)."""
    world = a_world(**{**OPEN, "sends_per_destination_day": 10})
    await a_known_ada(world)
    for _ in range(12):
        await world.challenge(await world.start(client=STRANGER), client=STRANGER)
    assert world.adapters.email.attempts == 8
    for _ in range(4):
        await world.challenge(await world.start())
    assert world.adapters.email.attempts == 10


async def test_a_success_makes_a_client_known_and_five_are_kept() -> None:
    """The newest first; the sixth forgets the oldest."""
    world = a_world(**OPEN)
    await world.ada(known_clients=("1", "2", "3", "4", "5"))
    await world.complete(await world.prove())
    assert world.row().known_clients == (world.adapters.keyring.digest("client", CLIENT), "1", "2", "3", "4")


async def test_a_success_clears_the_run_of_failures_and_not_the_days_count() -> None:
    """99 in a row and one success: the run starts afresh, what was guessed today stays counted."""
    world = a_world(**OPEN)
    await world.ada(failures={"reset:1:email": Failures(since=world.clock.now(), count=3, consecutive=99)})
    await world.pass_gate(await world.start(), "email")
    assert world.row().failures["reset:1:email"].consecutive == 0
    assert world.row().failures["reset:1:email"].count == 3


async def test_a_hundred_failures_in_a_row_close_the_method_until_a_signed_in_confirmation() -> None:
    """Closed to known clients as well, however many days pass; confirming the address again reopens it (N63B 3.2.2)."""
    world = a_world(**OPEN)
    await a_known_ada(world)
    row = world.row()
    world.people.put(replace(row, failures={"reset:1:email": Failures(since=world.clock.now(), consecutive=100)}))
    world.clock.move(days=30)
    await world.challenge(await world.start())
    assert world.adapters.email.attempts == 0
    session = await world.sign_in()
    await world.register(session, "email", EMAIL)
    await world.pass_gate(await world.start(), "email")


async def test_the_directorys_account_is_never_locked() -> None:
    """No wrong answer of a verification is ever a wrong password (R-21)."""
    world = a_world(**OPEN)
    await world.ada()
    world.directory.calls.clear()
    await ten_failures(world)
    assert world.directory.calls == []
    assert await world.sign_in()


async def test_a_suspension_is_an_event_for_strangers_too() -> None:
    """Recorded once, when it begins; a name that nobody has leaves the same trail (rule 9)."""
    for name in ("ada", "nobody"):
        world = a_world(**OPEN)
        await world.ada()
        for _ in range(2):
            token = await world.challenge(await world.start(name, client=STRANGER))
            for _ in range(5):
                with pytest.raises(Refused):
                    await world.answer(token, "0", client=STRANGER)
        assert [event.tag for event in world.trail.events].count(Tag.METHOD_SUSPENDED) == 1, name
