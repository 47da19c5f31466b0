"""Rule 32: one margin wherever times of two machines are compared.

The mark of a completion is in test_rule_12_sessions.py, claims and attempts are in test_rule_01_space.py.
"""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.errors import Refused
from shared.domain.policy import Policy
from shared.usecases.change_password import ChangePassword
from shared.usecases.verify import Granted
from tests.attacks.interleaved import another_instance
from tests.builders import NEW_PASSWORD, PASSWORD, World, a_world

INSTANT = timedelta(microseconds=1)


def set_in_the_directory(world: World, *, after_start: timedelta, token: str) -> None:
    """Set the password as an administrator does, at that time by the directory's own clock."""
    entry, at = world.directory.changed("ada", NEW_PASSWORD), world.grant(token).started_at + after_start
    world.directory.accounts[entry.object_id] = (replace(entry, password_changed_at=at), NEW_PASSWORD)


@pytest.mark.parametrize("seconds", [-120, -9, 9, 120])
@pytest.mark.parametrize("by_session", [True, False], ids=["changed", "reset"])
async def test_an_own_new_password_does_not_refuse_the_next_reset(by_session: bool, seconds: int) -> None:
    """Whichever clock has written its time: the stamp says that nothing has changed since."""
    world = a_world()
    await world.ada()
    first = another_instance(world, timedelta(seconds=seconds))
    if by_session:
        await first.service.use(ChangePassword)(await first.sign_in(), PASSWORD, NEW_PASSWORD, first.trail)
    else:
        await first.complete(await first.prove())
    await world.complete(await world.prove(), f"{NEW_PASSWORD} again")


@pytest.mark.parametrize(
    ("after_start", "is_refused"),
    [
        pytest.param(-CLOCK_MARGIN, False, id="before_it_by_every_clock"),
        pytest.param(INSTANT - CLOCK_MARGIN, True, id="perhaps_during_it"),
        pytest.param(timedelta(0), True, id="during_it"),
        pytest.param(CLOCK_MARGIN, True, id="during_it_by_every_clock"),
    ],
)
async def test_a_password_set_during_a_verification_refuses_it(after_start: timedelta, is_refused: bool) -> None:
    """Also when the directory's clock is behind by as much as the margin (A-46)."""
    world = a_world()
    await world.ada()
    token = await world.prove()
    set_in_the_directory(world, after_start=after_start, token=token)
    if is_refused:
        with pytest.raises(Refused):
            await world.complete(token)
    else:
        await world.complete(token)


LIVES = [knob for knob in fields(Policy) if knob.name.endswith("_seconds") or "_seconds_" in knob.name]
SHORTEST = {knob.name: knob.metadata["low"] for knob in LIVES if knob.name != "send_interval_seconds"}


@pytest.mark.parametrize("seconds", [-120, 0, 120])
async def test_the_shortest_lives_leave_a_minute_whatever_the_clocks_say(seconds: int) -> None:
    """Every token and code is made by one instance and used a minute later by another (R-30)."""
    world = a_world(**SHORTEST)
    await world.ada()
    other, token = another_instance(world, timedelta(seconds=seconds)), await world.start()
    for method in ("email", "mobile_phone"):
        token = await world.challenge(token, method)
        world.clock.move(seconds=59)
        outcome = await other.answer(token, world.code(method))
        token = outcome.reset_token if isinstance(outcome, Granted) else outcome.verification_token
    world.clock.move(seconds=59)
    await world.complete(token)
    session = await other.sign_in(password=NEW_PASSWORD)
    world.clock.move(seconds=59)
    await world.service.use(ChangePassword)(session, NEW_PASSWORD, f"{NEW_PASSWORD} again", world.trail)


async def test_a_sign_in_meanwhile_does_not_hide_that_a_password_was_set() -> None:
    """It puts the new stamp on the row, and a new account version with it, whatever the directory's clock says."""
    world = a_world()
    await world.ada()
    token = await world.prove()
    set_in_the_directory(world, after_start=timedelta(days=-1), token=token)
    await world.sign_in(password=NEW_PASSWORD)
    with pytest.raises(Refused):
        await world.complete(token)
    assert world.directory.calls.count("set_password") == 0
