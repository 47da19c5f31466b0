"""The steps of administrators and of a person with an activation code, for the attacks on rule 27."""

from typing import Any

from shared.domain.roles import Role
from shared.domain.trail import Tag
from shared.usecases.activate import Activate, Outcome
from shared.usecases.create_account import CreateAccount
from shared.usecases.open_activation import OpenActivation
from shared.usecases.set_first_password import SetFirstPassword
from tests.attacks.no_limits import MANY_STARTS
from tests.builders import CLIENT, NEW_PASSWORD, WHY, World, a_world

LOST = "letter was lost"
NEW_EMAIL, NEW_PHONE = "new@mail.example", "+33639980077"


async def office(world: World | None = None, **knobs: Any) -> World:
    """Two administrators; noor, who never had a password nor a method; and ada, who has both."""
    world = world or a_world(**{**MANY_STARTS, **knobs})
    for name in ("avery", "blake"):
        await world.account(name, roles=frozenset({Role.ADMINISTRATOR}))
    await world.service.use(CreateAccount)("noor", None)
    await world.ada()
    return world


async def ask(world: World, name: str = "noor", *, by: str = "avery") -> Outcome:
    return await world.service.use(Activate)(await world.sign_in(by), name, LOST, world.trail)


async def approve(world: World, request: str | None, name: str = "ada", *, by: str = "blake") -> Outcome:
    return await world.service.use(Activate).approve(await world.sign_in(by), name, request or "", WHY, world.trail)


async def letter(world: World, name: str = "noor") -> str:
    """Return a code for that person, by as many administrators as it takes."""
    outcome = await ask(world, name)
    if outcome.code is None:
        outcome = await approve(world, outcome.request, name)
    return outcome.code or ""


async def enter(world: World, code: str, name: str = "noor", *, client: str = CLIENT, solution: str = "") -> str:
    """Return the token of an opening."""
    opened = await world.service.use(OpenActivation)(name, code, client, world.trail, solution=solution)
    return opened.token


async def choose(world: World, token: str, password: str = NEW_PASSWORD) -> str:
    renewed, *_ = await world.service.use(SetFirstPassword)(token, password, world.trail, client=CLIENT)
    return renewed


def tags(world: World) -> list[Tag]:
    return [event.tag for event in world.trail.events if "activation" in event.tag]
