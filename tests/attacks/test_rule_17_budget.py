"""Rule 17: each step's reads and writes, the same for everybody. tests/integration/test_budget.py counts on Azurite."""

import itertools

import pytest

from shared.domain.errors import Refused
from tests.builders import a_world


async def test_start_reads_no_row_and_writes_none() -> None:
    """Names and the limiters only: nothing to fill, nothing to leak."""
    world = a_world()
    await world.ada()
    for name in ("ada", "unknown"):
        reads, writes = world.people.reads, world.people.writes
        await world.start(name)
        assert (world.people.reads, world.people.writes) == (reads, writes)


async def test_every_step_touches_the_row_as_often_for_everybody() -> None:
    """Reads and writes of challenge, delivery and five wrong answers, step by step."""
    world = a_world()
    await world.ada()
    await world.account("unregistered")
    seen = {}
    for n, name in enumerate(("ada", "unregistered", "unknown")):
        steps = []
        token = await world.start(name)

        def step(taken: list[tuple[int, int]] = steps) -> None:
            taken.append((world.people.reads, world.people.writes))

        step()
        token = await world.ask(token)
        step()
        await world.deliver()
        step()
        for _ in range(6):
            with pytest.raises(Refused):
                await world.answer(token, "1111 1111", client=f"203.0.113.{n}")
            step()
        seen[name] = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(steps)]
    assert seen["ada"] == seen["unknown"] == seen["unregistered"]
    assert seen["ada"][0] == (1, 0), "a challenge reads the row once and writes nothing"


async def test_names_and_limits_are_asked_as_often_for_everybody() -> None:
    """The same number of hits for a name that exists and for one that does not."""
    world = a_world()
    await world.ada()
    counts = []
    for name in ("ada", "unknown"):
        before = world.adapters.limiter.hits.total()
        await world.challenge(await world.start(name))
        counts.append(world.adapters.limiter.hits.total() - before)
    assert counts == [4, 4]
