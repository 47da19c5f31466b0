"""An authenticator app for tests: it computes the codes from its secret and the world's clock."""

import base64
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from shared.domain.errors import AnswerRefused
from tests.builders import World

APP = "authenticator_app"
STEP = 30
"""Seconds for which one code is shown."""


def code_of(secret: str, moment: datetime) -> str:
    """Return the code that an app with this secret shows at that moment."""
    return TOTP(base64.b32decode(secret), 6, SHA1(), STEP).generate(int(moment.timestamp())).decode()


@dataclass(frozen=True)
class App:
    """One app, and the id of its credential on the row."""

    world: World
    secret: str
    credential: str = ""

    def code(self, steps: int = 0) -> str:
        """Return the code that it shows now, or `steps` later."""
        return code_of(self.secret, self.world.clock.at + timedelta(seconds=STEP * steps))

    def wrong(self) -> str:
        """Return a well-formed answer that it shows at none of the steps near now."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(guess for n in range(10) if (guess := f"{n:06}") not in near)


async def an_app(world: World, name: str = "ada", **wish: str) -> App:
    """Set up one more app for that person, and wait until the steps that its first code used are over."""
    session = world.sessions.get(now := f"{name} {world.clock.at:%d %H}") or await world.sign_in(name)
    world.sessions[now] = session  # one proof for several apps
    begun = await world.begin(session, APP, **wish)
    assert begun.enrolment is not None
    app = App(world, begun.enrolment["secret"])
    await world.confirm(session, APP, app.code())
    world.clock.move(seconds=3 * STEP)
    return replace(app, credential=world.row(name).methods[-1].credential)


async def refused(answer: Awaitable[object]) -> AnswerRefused:
    """Return the refusal of this answer."""
    with pytest.raises(AnswerRefused) as caught:
        await answer
    return caught.value
