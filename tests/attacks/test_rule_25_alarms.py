"""Rules 15 and 25: attacks on the whole installation are seen, and what is refused leaves few audit events."""

import pytest

from shared.domain.errors import AnswerRefused, BotCheckRequired, Limited, Refused
from shared.domain.trail import Tag
from tests.attacks.no_limits import MANY_STARTS
from tests.builders import CLIENT, a_world


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage().split(":")[0] for record in caplog.records if record.name == "sesame.alarm"]


async def test_many_wrong_answers_make_every_start_need_the_bot_check(caplog: pytest.LogCaptureFixture) -> None:
    """From any client and for any name, known or not. Answers under way are judged; it ends after five minutes."""
    world = a_world(**MANY_STARTS, verify_failures_5min=10)
    await world.ada()
    await world.sign_in()
    hers = await world.challenge(await world.start())
    for n in range(10):
        token = await world.ask(await world.start(f"name {n}", client=f"192.0.2.{n}"))
        with pytest.raises(AnswerRefused):
            await world.answer(token, "11111111", client=f"192.0.2.{n}")
    for name, client in (("ada", CLIENT), ("nobody", "198.51.100.1")):
        assert await world.start(name, client=client, solution=await world.check(name, client=client))
    with pytest.raises(AnswerRefused):
        await world.answer(hers, "11111111")
    await world.answer(hers, world.code())
    assert alarms(caplog) == ["alarm breaker"]
    world.clock.move(minutes=5)
    assert await world.check("nobody", client="198.51.100.1") == ""


async def test_a_client_that_fails_for_many_names_is_an_alarm(caplog: pytest.LogCaptureFixture) -> None:
    """One line, whatever the number of names: guesses spread over accounts."""
    world = a_world()
    for n in range(13):
        token = await world.ask(await world.start(f"name {n}", solution=await world.check(f"name {n}")))
        with pytest.raises(AnswerRefused):
            await world.answer(token, "11111111")
    assert alarms(caplog) == ["alarm many_names"]


@pytest.mark.parametrize(("entered", "alarm"), [(6, []), (5, ["alarm conversion"])])
async def test_codes_by_text_message_that_nobody_enters_are_an_alarm(
    caplog: pytest.LogCaptureFixture, entered: int, alarm: list[str]
) -> None:
    """Of thirty codes in an hour, fewer than a fifth come back: somebody earns on the messages (A-25)."""
    world = a_world(**MANY_STARTS, sends_per_prefix_hour=1000)
    for n in range(30):
        await world.account(f"person {n}", mobile_phone=f"+3363998{n:04}")
        token = await world.challenge(await world.start(f"person {n}"), "mobile_phone")
        if n < entered:
            await world.answer(token, world.code("mobile_phone"))
    assert alarms(caplog) == alarm


async def test_a_used_reset_token_leaves_few_events() -> None:
    """It can be sent again for five minutes, without end and without a cost."""
    world = a_world()
    await world.ada()
    token = await world.prove()
    await world.complete(token)
    for _ in range(120):
        with pytest.raises(Refused):
            await world.complete(token, "another password, also long")
    refused = [event.cause for event in world.trail.events if event.tag is Tag.PASSWORD_REFUSED]
    assert refused == ["not_accepted", "not_accepted 10", "not_accepted 100"]


@pytest.mark.parametrize("name", ["ada", "nobody"])
async def test_what_is_refused_again_and_again_leaves_few_events(name: str) -> None:
    """The first, the tenth and the hundredth refusal, with their number: for starts, early challenges, spent tries."""
    world = a_world(starts_per_client_minute=1000, starts_per_client_hour=1000)
    await world.ada()
    token = await world.ask(await world.start(name))
    for _ in range(4):
        await world.start(name)
    world.trail.events.clear()
    for _ in range(5):
        with pytest.raises(AnswerRefused):
            await world.answer(token, "11111111")
    for _ in range(120):
        with pytest.raises(BotCheckRequired):
            await world.start(name)
        with pytest.raises(Limited):
            await world.ask(token)
        with pytest.raises(AnswerRefused):
            await world.answer(token, "11111111")
    kinds = ("start.name", "challenge.wait", "verify.tries")
    limited = [event.cause for event in world.trail.events if event.tag is Tag.LIMIT_REACHED]
    assert sorted(limited) == sorted(f"{kind}{count}" for kind in kinds for count in ("", " 10", " 100"))
    assert sum(event.tag is Tag.RESET_GATE_REFUSED for event in world.trail.events) == 5
