"""Rule 12: what bumps the account version (and so ends every verification under way), and what must not."""

from dataclasses import replace

import pytest

from shared.domain.errors import PasswordRefused, Refused, SignInAgain, SignInRequired
from shared.ports.directory import PasswordNotTaken
from shared.usecases.change_password import ChangePassword
from shared.usecases.prefill import Prefill, PrefillRow
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, NEW_PASSWORD, PASSWORD, World, a_world, prefilled, wrong

OTHER_EMAIL, OTHER_PHONE = "ada@elsewhere.example", "+33639980009"


async def method_changed(world: World) -> None:
    await world.register(await world.sign_in(), "email", OTHER_EMAIL)


async def method_removed(world: World) -> None:
    await world.service.use(RemoveMethod)(await world.sign_in(), "email", world.trail)


async def password_changed(world: World) -> None:
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)


async def password_reset(world: World) -> None:
    await world.complete(await world.prove())


async def directory_refused(world: World) -> None:
    """The reserve spent the token, and that stays spent."""
    world.directory.answers = [PasswordNotTaken(["history"])]
    with pytest.raises(PasswordRefused):
        await world.complete(await world.prove())


@pytest.mark.parametrize(
    "change", [method_changed, method_removed, password_changed, password_reset, directory_refused]
)
async def test_these_end_every_verification_under_way(change: object) -> None:
    """A new version, and a verification that was begun before passes no further gate."""
    world = a_world(sends_per_destination_10min=20, sends_per_destination_hour=20)
    await world.ada()
    earlier = await world.ask(await world.start(client="198.51.100.1"), "mobile_phone")
    before = world.row().version
    world.clock.move(minutes=1)
    await change(world)
    assert world.row().version != before
    await world.deliver()
    with pytest.raises(Refused):
        await world.answer(earlier, world.code("mobile_phone"))


async def method_added(world: World) -> None:
    row = world.row()
    world.people.put(replace(row, methods=row.methods[:1]))
    await world.register(await world.sign_in(), "mobile_phone", OTHER_PHONE)


async def method_confirmed_again(world: World) -> None:
    await world.register(await world.sign_in(), "email", EMAIL)


async def method_begun(world: World) -> None:
    await world.begin(await world.sign_in(), "email", OTHER_EMAIL)


async def unconfirmed_removed(world: World) -> None:
    row = world.row()
    waiting = prefilled("office_phone", "+33155501234", row.account)
    world.people.put(replace(row, methods=(*row.methods, waiting)))
    await world.service.use(RemoveMethod)(await world.sign_in(), "office_phone", world.trail)


async def reconfirmed(world: World) -> None:
    await world.service.use(Reconfirm)(await world.sign_in(), world.trail)


async def prefill(world: World) -> None:
    await world.account("avery", roles=frozenset({"administrator"}))
    rows = [PrefillRow(identifier="ada", contacts={"office_phone": "+33155501234"})]
    await world.service.use(Prefill)(await world.sign_in("avery"), rows, world.trail, dry_run=False)


async def suspended(world: World) -> None:
    for n in range(2):
        token = await world.challenge(await world.start(client=f"198.51.100.{n}"))
        for _ in range(5):
            with pytest.raises(Refused):
                await world.answer(token, wrong(world.code()), client=f"198.51.100.{n}")


@pytest.mark.parametrize(
    "change",
    [
        method_added,
        method_confirmed_again,
        method_begun,
        unconfirmed_removed,
        reconfirmed,
        prefill,
        suspended,
    ],
)
async def test_these_disturb_nobody(change: object) -> None:
    """No version is drawn, or strangers (and honest housekeeping) could end a person's verification at will."""
    world = a_world()
    await world.ada()
    before = world.row().version
    await change(world)
    assert world.row().version == before


async def test_sessions_end_with_a_password_and_not_with_a_method() -> None:
    """They are bound to the password epoch: a changed method keeps them, a set password ends them (R-51)."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    await method_changed(world)
    await world.service.use(ViewRegistration)(session)
    world.clock.move(seconds=1)
    renewed, _ = await world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail)
    for use in (world.service.use(ViewRegistration), world.service.use(ViewRegistration).status):
        with pytest.raises(SignInRequired):
            await use(session)
        await use(renewed)


async def test_every_signed_in_step_looks_at_the_epoch() -> None:
    """A session that was open when the password was reset begins, confirms, removes and reconfirms nothing."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    await world.begin(session, "email", OTHER_EMAIL)
    world.clock.move(seconds=1)
    world.people.put(replace(world.row(), password_epoch=world.clock.now()))
    before = world.row()
    for step in (
        world.begin(session, "mobile_phone", OTHER_PHONE),
        world.confirm(session, "email", "0000 0000"),
        world.service.use(RemoveMethod)(session, "email", world.trail),
        world.service.use(Reconfirm)(session, world.trail),
        world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail),
    ):
        with pytest.raises(SignInRequired):
            await step
    assert world.row() == before


async def test_a_sign_in_that_is_too_old_changes_no_method() -> None:
    """Ten minutes, on the second; looking is still allowed (R-62)."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    world.clock.move(seconds=599)
    await world.begin(session, "email", OTHER_EMAIL)
    world.clock.move(seconds=1)
    for step in (
        world.begin(session, "mobile_phone", OTHER_PHONE),
        world.confirm(session, "email", "0000 0000"),
        world.service.use(RemoveMethod)(session, "email", world.trail),
        world.service.use(Reconfirm)(session, world.trail),
    ):
        with pytest.raises(SignInAgain):
            await step
    await world.service.use(ViewRegistration)(session)
    world.clock.move(seconds=3000)
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration)(session)
