"""Rule 25: a solution of the bot check opens one start for one name, once."""

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.errors import BotCheckRequired, Limited
from shared.usecases._bot_check import BotCheck
from tests.builders import World, a_world, solved


async def a_crowded_world() -> World:
    """The next start for `ada` and for `nobody` needs the bot check."""
    world = a_world(starts_per_name_hour=1)
    await world.ada()
    for name in ("ada", "nobody"):
        await world.start(name, client="198.51.100.1")
    return world


@pytest.mark.parametrize("name", ["ada", "nobody"])
async def test_parallel_starts_with_one_solution_start_one_verification(name: str) -> None:
    """It is used up before anything else is counted, for known and unknown names alike."""
    world = await a_crowded_world()
    solution = await world.check(name)
    told = await asyncio.gather(*(world.start(name, solution=solution) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(one, str) for one in told) == 1
    assert sum(isinstance(one, BotCheckRequired) for one in told) == 19


def changed(solution: str, change: Callable[[dict[str, Any]], Any]) -> str:
    plain = json.loads(base64.b64decode(solution))
    plain = change(plain) or plain
    return base64.b64encode(json.dumps(plain).encode()).decode()


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(lambda _: "not base64 at all", id="garbage"),
        pytest.param(lambda _: base64.b64encode(b"[" * 1000).decode(), id="deep"),
        pytest.param(lambda s: changed(s, lambda _: {"challenge": 1, "solution": []}), id="other form"),
        pytest.param(lambda s: changed(s, lambda p: p["solution"].update(derivedKey="00" * 32)), id="not solved"),
        pytest.param(
            lambda s: changed(
                s, lambda p: p["solution"].update(derivedKey=p["challenge"]["parameters"]["keyPrefix"] + "00" * 16)
            ),
            id="only the half that was given away",
        ),
        pytest.param(lambda s: changed(s, lambda p: p["challenge"]["parameters"].update(memoryCost=8)), id="easier"),
        pytest.param(lambda s: changed(s, lambda p: p["challenge"]["parameters"].pop("keySignature")), id="unsigned"),
        pytest.param(lambda s: changed(s, lambda p: p["challenge"].update(signature=None)), id="no signature"),
    ],
)
async def test_a_forged_solution_opens_nothing(forged: Callable[[str], str]) -> None:
    """The answer is another challenge, and nothing was used up."""
    world = await a_crowded_world()
    solution = await world.check()
    with pytest.raises(BotCheckRequired):
        await world.start(solution=forged(solution))
    assert await world.start(solution=solution)


async def test_a_solution_is_for_one_name_and_one_step_and_ten_minutes() -> None:
    """Work cannot be done in advance, or for another person."""
    world = await a_crowded_world()
    solution = await world.check()
    with pytest.raises(BotCheckRequired):
        await world.start("nobody", solution=solution)
    name = world.adapters.keyring.name_key("ada")
    assert not await world.service.use(BotCheck).spent(solution, step="session", name=name)
    world.clock.move(minutes=10)
    with pytest.raises(BotCheckRequired):
        await world.start(solution=solution)


@pytest.mark.parametrize("name", ["ada", "nobody"])
async def test_a_limit_that_is_met_names_what_opens_it(name: str) -> None:
    """The check first, then the time, and a known address; after the codes of a gate, a new start (rule 9)."""
    world = await a_crowded_world()
    told: list[tuple[str, ...]] = []

    async def tell(step: Any) -> str:
        try:
            return await step
        except (BotCheckRequired, Limited) as refused:
            told.append(refused.opens)
            return solved(refused) if isinstance(refused, BotCheckRequired) else ""

    token = await world.start(name, solution=await tell(world.start(name)))
    await tell(world.start(name, solution=await tell(world.start(name))))
    for _ in range(4):
        token = await tell(world.ask(token)) or token
        await tell(world.ask(token))
        world.clock.move(minutes=4)
    assert told[:3] == [("bot_check", "known_client"), ("bot_check", "known_client"), ("time", "known_client")]
    assert told[3:] == [("time",)] * 2 + [("time", "new_start")] * 3
