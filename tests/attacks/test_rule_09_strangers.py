"""Rule 9: what a stranger can see comes from the verification, the typed name and the client address alone."""

from dataclasses import replace

import pytest

from shared.domain.errors import InvalidInput, Limited, Refused
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.start_verification import StartVerification
from shared.validation.orders import ORDER_BYTES, encode_order
from tests.builders import EMAIL, PHONE, World, a_world, prefilled, wrong

NAMES = ("ada", "disabled", "prefilled", "suspended", "unknown", "unregistered")
OPEN = {"verify_failures_per_client_5min": 1000, "verify_failures_per_client_hour": 1000}


async def everybody(**knobs: int) -> World:
    """One of each kind."""
    world = a_world(**{**OPEN, **knobs})
    await world.ada()
    await world.account("disabled", email="disabled@mail.example")
    await world.directory.set_enabled("disabled", enabled=False)
    await world.account("unregistered")
    key = await world.account("prefilled")
    world.people.put(replace(world.row("prefilled"), methods=(prefilled("email", "p@mail.example", key),)))
    await world.account("suspended", email="suspended@mail.example")
    for n in range(2):
        token = await world.challenge(await world.start("suspended", client=f"198.51.100.{n}"))
        for _ in range(5):
            with pytest.raises(Refused):
                await world.answer(token, wrong(world.code()))
    world.trail.events.clear()
    world.clock.move(days=1, seconds=-1)  # the limits on names and addresses start afresh; the suspension runs on
    return world


async def test_every_step_answers_everybody_alike() -> None:
    """Tokens of one length, the same methods, waits and limits, orders of one size, the same number of events."""
    world = await everybody()
    seen = {}
    for n, name in enumerate(NAMES):
        client = f"203.0.113.{n}"
        start, methods = await world.service.use(StartVerification)(name, client, world.trail)
        token, wait = await world.service.use(IssueChallenge)(
            start, "email", world.trail, channel=None, contact=None, client=client, language="en"
        )
        size = len(encode_order(world.trail.orders[0]))
        await world.deliver()
        events, refusals = len(world.trail.events), []
        for _ in range(7):
            with pytest.raises(Refused) as refused:
                await world.answer(token, "1111 1111", client=client)
            refusals.append((type(refused.value), str(refused.value)))
        with pytest.raises(Limited) as limited:
            await world.ask(token)
        made = len(world.trail.events) - events
        seen[name] = (len(start), methods, len(token), wait, size, refusals, limited.value.retry_after, made)
        assert size == ORDER_BYTES
    assert set(map(str, seen.values())) == {str(seen["unknown"])}


async def test_the_limits_on_a_name_do_not_ask_whether_it_exists() -> None:
    """Five starts for one name from one address, for any name; the sixth is refused with the same wait."""
    world = await everybody()
    waits = set()
    for n, name in enumerate(NAMES):
        for _ in range(5):
            await world.start(name, client=f"203.0.113.{n}")
        with pytest.raises(Limited) as limited:
            await world.start(name, client=f"203.0.113.{n}")
        waits.add(limited.value.retry_after)
    assert waits == {3600}


async def test_a_destination_over_its_limit_is_dropped_in_silence() -> None:
    """The fourth code to one address in ten minutes: the same answer and wait, and nothing goes out."""
    world = a_world(**OPEN)
    await world.ada()
    answers = set()
    for n in range(5):
        start = await world.start(client=f"203.0.113.{n}")
        token, wait = await world.service.use(IssueChallenge)(
            start, "email", world.trail, channel=None, contact=None, client=f"203.0.113.{n}", language="en"
        )
        await world.deliver()
        answers.add((len(token), wait))
    assert len(answers) == 1
    assert world.adapters.email.attempts == 3
    assert "limited" in world.causes()


async def test_a_contact_that_does_not_match_is_dropped_in_silence() -> None:
    """A typed contact is only compared: the same answer, a claim that nobody can answer, and nothing goes out."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start(), contact="mallory@evil.example")
    assert world.adapters.email.attempts == 0
    with pytest.raises(Refused):
        await world.answer(token, "1111 1111")
    await world.challenge(await world.start(), contact=EMAIL.upper())
    assert [letter.to for letter in world.adapters.email.letters] == [EMAIL]


async def test_a_token_of_an_older_account_is_answered_and_counted_like_a_wrong_answer() -> None:
    """The person changed a method meanwhile: the right code reads as wrong, with the same write."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    world.people.put(replace(world.row(), version="B" * 22))
    with pytest.raises(Refused):
        await world.answer(token, world.code())
    assert len(world.row().claims[0].tries) == 1


async def test_a_suspended_method_reads_as_a_wrong_answer() -> None:
    """Its claim is closed: the answer is refused, and the try is counted on the claim."""
    world = await everybody()
    sent = len(world.codes())
    token = await world.challenge(await world.start("suspended"))
    assert len(world.codes()) == sent
    with pytest.raises(Refused):
        await world.answer(token, "1111 1111")
    assert len(world.row("suspended").claims[-1].tries) == 1


async def test_the_directory_is_not_asked_before_the_end() -> None:
    """Start, challenge, delivery and verify know nothing of the directory, for anybody (D7)."""
    world = await everybody()
    world.directory.calls.clear()
    for name in NAMES:
        token = await world.challenge(await world.start(name), "mobile_phone")
        with pytest.raises(Refused):
            await world.answer(token, "1111 1111")
    assert world.directory.calls == []


@pytest.mark.parametrize(("method", "channel"), [("office_phone", None), ("telepathy", None), ("email", "sms")])
async def test_what_nobody_may_use_is_refused_for_everybody(method: str, channel: str | None) -> None:
    """Methods that are not offered are bad input, for a registered person and for a stranger."""
    world = await everybody()
    for name in ("ada", "unknown"):
        with pytest.raises(InvalidInput):
            await world.ask(await world.start(name), method, channel=channel)


async def test_hints_come_only_after_the_first_gate_and_are_masked() -> None:
    """Start tells the policy's list; the second gate's hints hold no more than a few characters (D8)."""
    world = a_world()
    await world.ada()
    outcome = await world.pass_gate(await world.start(), "email")
    assert set(outcome.hints) == {"mobile_phone"}
    assert PHONE not in str(outcome)
    assert PHONE[-4:] not in str(outcome.hints)
