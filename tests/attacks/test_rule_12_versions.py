"""Rule 12: which changes draw a new account version, which ends every verification under way."""

from dataclasses import replace

import pytest

from shared.domain.errors import PasswordRefused, Refused
from shared.ports.directory import PasswordNotTaken
from shared.usecases.change_password import ChangePassword
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.verify import NextGate
from tests.attacks.authenticator import APP, an_app
from tests.builders import EMAIL, NEW_PASSWORD, PASSWORD, World, a_world, prefilled, wrong

OTHER_EMAIL, OTHER_PHONE = "ada@elsewhere.example", "+33639980009"


async def method_changed(world: World) -> None:
    await world.register(await world.sign_in(), "email", OTHER_EMAIL)


async def method_removed(world: World) -> None:
    await world.remove(await world.sign_in(), "email")


async def password_changed(world: World) -> None:
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)


async def password_reset(world: World) -> None:
    await world.complete(await world.prove())


async def directory_refused(world: World) -> None:
    """The reservation invalidated the token, and it stays invalid."""
    world.directory.answers = [PasswordNotTaken(["history"])]
    with pytest.raises(PasswordRefused):
        await world.complete(await world.prove())


async def app_replaced(world: World) -> None:
    await an_app(world, credential=world.row().methods[-1].credential)


async def app_removed(world: World) -> None:
    credential = world.row().methods[-1].credential
    await world.remove(await world.sign_in(), APP, credential=credential)


@pytest.mark.parametrize(
    "change",
    [
        method_changed, method_removed, app_replaced, app_removed, password_changed, password_reset, directory_refused,
    ],
)  # fmt: skip
async def test_a_change_of_a_method_or_password_ends_every_verification(change: object) -> None:
    """There is a new version, and an earlier verification passes no further gate, even with the right code."""
    world = a_world(sends_per_destination_10min=20, sends_per_destination_hour=20)
    await world.ada()
    await an_app(world)
    earlier = await world.challenge(await world.start(client="198.51.100.1"), "mobile_phone")
    before, code = world.row().version, world.code("mobile_phone")
    world.clock.move(minutes=1)
    await change(world)
    assert world.row().version != before
    with pytest.raises(Refused):
        await world.answer(earlier, code)


async def method_added(world: World) -> None:
    await world.register(await world.sign_in(), "mobile_phone", OTHER_PHONE)


async def app_added(world: World) -> None:
    await an_app(world)


async def app_begun(world: World) -> None:
    await world.begin(await world.sign_in(), APP)


async def send(world: World) -> None:
    await world.challenge(await world.start(client="198.51.100.1"))


async def method_confirmed_again(world: World) -> None:
    await world.register(await world.sign_in(), "email", EMAIL)


async def method_begun(world: World) -> None:
    await world.begin(await world.sign_in(), "email", OTHER_EMAIL)


async def unconfirmed_removed(world: World) -> None:
    row = world.row()
    waiting = prefilled("office_phone", "+33155501234", row.account)
    world.people.put(replace(row, methods=(*row.methods, waiting)))
    await world.remove(await world.sign_in(), "office_phone")


async def reconfirmed(world: World) -> None:
    await world.service.use(Reconfirm)(await world.sign_in(), world.trail)


async def prefill(world: World) -> None:
    await world.account("avery", roles=frozenset({"administrator"}))
    rows = [{"identifier": "ada", "office_phone": "+33155501234"}]
    await world.prefill(await world.sign_in("avery"), *rows)


async def suspended(world: World) -> None:
    for n in range(2):
        token = await world.challenge(await world.start(client=f"198.51.100.{n}"))
        for _ in range(5):
            with pytest.raises(Refused):
                await world.answer(token, wrong(world.code()), client=f"198.51.100.{n}")


@pytest.mark.parametrize(
    "change",
    [
        method_added, app_added, app_begun, method_confirmed_again, method_begun, send, unconfirmed_removed,
        reconfirmed, prefill, suspended,
    ],
)  # fmt: skip
async def test_other_writes_to_the_row_end_no_verification(change: object) -> None:
    """No version is drawn, and the sent code passes the gate. Otherwise strangers could end verifications."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    earlier = await world.challenge(await world.start(client="198.51.100.1"))
    before, code = world.row().version, world.code()
    await change(world)
    assert world.row().version == before
    assert isinstance(await world.answer(earlier, code), NextGate)
