"""The state diagram of a verification in docs/flows.md matches the code: each arrow is executed here."""

import re
from collections.abc import Awaitable, Callable

import pytest

from shared.domain.errors import OutcomeUnknown, PasswordRefused, Refused
from shared.ports.directory import DirectoryUnknown, PasswordNotTaken
from shared.usecases.verify import Granted, NextGate
from tests.architecture.tree import ROOT
from tests.builders import World, a_world, wrong

Arrow = tuple[str, str]
NOWHERE = "[*]"


def drawn(title: str) -> set[Arrow]:
    """Return the arrows of the first state diagram under that heading."""
    page = (ROOT / "docs" / "flows.md").read_text("utf-8")
    diagram = page.split(f"## {title}\n")[1].split("```mermaid\nstateDiagram-v2\n")[1].split("```")[0]
    return {(a, b) for a, b in re.findall(r"^\s*(\S+) --> (\S+?)(?::|$)", diagram, re.MULTILINE)}


def state_of(world: World, token: str) -> str:
    """Return the state that a token is in, from its content."""
    try:
        verification = world.verification(token)
    except Refused:
        assert world.grant(token)
        return "granted"
    if verification.challenge is not None:
        return "challenged"
    return "gate_passed" if verification.passed else "started"


async def started(world: World) -> list[Arrow]:
    token = await world.start()
    assert world.row().attempts == ()
    return [(NOWHERE, state_of(world, token))]


async def challenged(world: World) -> list[Arrow]:
    token = await world.start()
    asked = await world.challenge(token)
    return [(state_of(world, token), state_of(world, asked))]


async def challenged_again(world: World) -> list[Arrow]:
    asked = await world.challenge(await world.start())
    with pytest.raises(Refused):
        await world.answer(asked, wrong(world.code()))
    other = await world.challenge(asked, "mobile_phone")
    return [(state_of(world, asked), state_of(world, other))]


async def behind_a_gate(world: World) -> list[Arrow]:
    asked = await world.challenge(await world.start())
    outcome = await world.answer(asked, world.code())
    assert isinstance(outcome, NextGate)
    passed = outcome.verification_token
    return [
        (state_of(world, asked), state_of(world, passed)),
        (state_of(world, passed), state_of(world, await world.challenge(passed, "mobile_phone"))),
    ]


async def behind_the_last(world: World) -> list[Arrow]:
    """The diagram shows it as a passed gate that is the last one."""
    token = await world.prove("ada", "email")
    asked = await world.challenge(token, "mobile_phone")
    outcome = await world.answer(asked, world.code("mobile_phone"))
    assert isinstance(outcome, Granted)
    return [("gate_passed", state_of(world, outcome.reset_token))]


async def set_once(world: World) -> list[Arrow]:
    token, before = await world.prove(), world.row().version
    await world.complete(token)
    assert world.row().version != before
    assert world.row().completion == ""
    return [("granted", "reserved"), ("reserved", "done"), ("done", NOWHERE)]


async def refused(world: World) -> list[Arrow]:
    token = await world.prove()
    world.directory.answers = [PasswordNotTaken(["history"])]
    with pytest.raises(PasswordRefused) as no:
        await world.complete(token)
    return [("reserved", state_of(world, no.value.reset_token or ""))]


async def unanswered(world: World) -> list[Arrow]:
    token = await world.prove()
    world.directory.answers = [DirectoryUnknown()]
    with pytest.raises(OutcomeUnknown):
        await world.complete(token)
    assert world.row().completion
    return [("reserved", "unknown"), ("unknown", NOWHERE)]


WALKS: tuple[Callable[[World], Awaitable[list[Arrow]]], ...] = (
    started, challenged, challenged_again, behind_a_gate, behind_the_last, set_once, refused, unanswered,
)  # fmt: skip


async def test_the_state_diagram_of_a_verification_matches_the_code() -> None:
    """Every drawn transition can be executed, and every executed transition is drawn."""
    walked: set[Arrow] = set()
    for walk in WALKS:
        world = a_world()
        await world.ada()
        walked |= set(await walk(world))
    assert walked == drawn("A verification")
