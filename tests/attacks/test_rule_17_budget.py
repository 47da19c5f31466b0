"""Rule 17: each step reads and writes the same for every account. tests/integration/test_budget.py uses Azurite."""

import itertools
from dataclasses import replace

import pytest

from shared.domain.errors import AnswerRefused
from shared.domain.person import Failures
from tests.attacks.authenticator import APP, an_app
from tests.builders import World, a_world, at

OPEN = {"verify_failures_per_client_5min": 1000, "verify_failures_per_client_hour": 1000}
WRONG = {"email": "11111111", "mobile_phone": "11111111", APP: "111111"}
MALLORY = {"email": "mallory@evil.example", "mobile_phone": "+33639981234"}


@pytest.mark.parametrize("name", ["ada", "unknown"])
async def test_start_reads_and_writes_no_row(name: str) -> None:
    """It uses Names and the limiters only."""
    world = a_world()
    await world.ada()
    await world.start(name)
    assert (world.people.reads, world.people.writes) == (0, 0)


async def steps_of(world: World, name: str, method: str, **options: str) -> list[tuple[int, int]]:
    """Return the reads and writes of a challenge, its delivery and six wrong answers, step by step."""
    taken = []
    token = await world.start(name, client=f"client of {name}")

    def step() -> None:
        taken.append((world.people.reads, world.people.writes))

    step()
    token = await world.ask(token, method, **options)
    step()
    await world.deliver()
    step()
    for _ in range(6):
        with pytest.raises(AnswerRefused):
            await world.answer(token, WRONG[method])
        step()
    return [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(taken)]


@pytest.mark.parametrize("method", ["email", "mobile_phone", APP])
async def test_every_step_reads_and_writes_the_row_equally_for_every_account(method: str) -> None:
    """Whether a code is sent, dropped or has no destination, and whether there is an app or not."""
    world = a_world(**OPEN, new_method_rest_hours=0)
    await world.ada()
    await an_app(world)
    await world.account("unregistered")
    suspended = Failures(since=world.clock.now(), count=10, suspended_until=at(days=1))
    await world.account("suspended", email="s@mail.example", mobile_phone="+33639980003")
    row = world.row("suspended")
    world.people.put(replace(row, failures={f"reset:1:{name}": suspended for name in world.policy.methods}))
    world.orders.clear()
    seen = {name: await steps_of(world, name, method) for name in ("ada", "unregistered", "unknown", "suspended")}
    if method in MALLORY:
        seen["wrong_contact"] = await steps_of(world, "ada", method, contact=MALLORY[method])
    delivery = (0, 0) if method == APP else (1, 1)
    expected = [(1, 0), delivery, *[(1, 1)] * 5, (2, 0)]  # the sixth costs as many calls, and writes nothing
    assert seen == dict.fromkeys(seen, expected)


@pytest.mark.parametrize("method", ["email", "mobile_phone", APP])
async def test_every_step_uses_names_and_limits_equally_for_every_account(method: str) -> None:
    """The same number of hits for names that exist and names that do not. An app needs no count of sends."""
    world = a_world(new_method_rest_hours=0)
    await world.ada()
    await an_app(world)
    world.orders.clear()
    counts = []
    for name in ("ada", "unknown"):
        before = world.adapters.limiter.hits.total()
        token = await world.challenge(await world.start(name), method)
        with pytest.raises(AnswerRefused):
            await world.answer(token, WRONG[method])
        counts.append(world.adapters.limiter.hits.total() - before)
    assert counts == ([4, 4] if method == APP else [5, 5])
