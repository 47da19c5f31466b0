"""Rule 18: no account is locked from here in a directory that locks accounts, and its owner is not shut out by that."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from shared.domain.errors import Refused
from shared.domain.limits import Rate
from shared.usecases._password_check import NOBODY
from shared.usecases.change_password import ChangePassword
from tests.attacks.test_rule_18_sign_in import STRANGER, fails
from tests.builders import CLIENT, NEW_PASSWORD, PASSWORD, a_world


async def test_failures_stop_two_below_the_lockout_of_the_directory() -> None:
    """In its own window, from any address and by me/password too. Then even the right password is not passed on."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    world.directory.locks_at, world.directory.asked_about = Rate(5, timedelta(minutes=30)), []
    for first in (0, 3, 6):
        await asyncio.gather(*(fails(world, client=f"198.51.100.{first + n}") for n in range(3)))
    await fails(world, password=PASSWORD)
    with pytest.raises(Refused):
        await world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail)
    assert Counter(world.directory.asked_about) == {"ada": 3, NOBODY: 8}
    world.clock.move(minutes=30)
    for _ in range(6):
        await world.sign_in()


@pytest.mark.parametrize("by", ["reset", "unlock", "change", "strangers"])
async def test_what_completes_a_reset_ends_the_failures_that_the_directory_would_count(by: str) -> None:
    """The directory has none left then either, so the owner signs in at once. Nothing that strangers do ends them."""
    world = a_world(starts_per_name_and_client_hour=20)
    await world.ada()
    session = await world.sign_in()
    world.directory.locks_at = Rate(5, timedelta(minutes=30))
    token, password = await world.prove(), PASSWORD if by == "unlock" else NEW_PASSWORD
    for n in range(2 if by == "change" else 3):
        await fails(world, client=f"198.51.100.{n}")
    if by == "strangers":
        await world.challenge(await world.start(client=STRANGER))
        await fails(world, password=PASSWORD)
        return
    if by == "change":
        await world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail, client=CLIENT)
    elif by == "reset":
        await world.complete(token, NEW_PASSWORD)
    else:
        world.directory.lock("ada")
        await world.complete(token, None)
    await world.sign_in(password=password)
    for n in range(4):
        await fails(world, client=f"198.51.102.{n}")
    assert Counter(world.directory.asked_about[-4:])[NOBODY] == 1, "and counting begins anew"
