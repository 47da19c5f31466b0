"""Rule 12: what ends a session, and what does not."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.completion import LONGEST
from shared.domain.errors import OutcomeUnknown, PasswordRefused, Refused, SignInAgain, SignInRequired, TryAgain
from shared.domain.person import FIRST_VERSION, Notice, Person
from shared.ports.directory import DirectoryUnknown, PasswordNotTaken
from shared.ports.people import Stored
from shared.ports.store import StoreLost
from shared.usecases import _rows
from shared.usecases.change_password import ChangePassword
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.view_registration import ViewRegistration
from tests.attacks.authenticator import APP
from tests.attacks.interleaved import another_instance, gated, schedules
from tests.attacks.no_limits import STRANGER
from tests.attacks.test_rule_12_versions import (
    OTHER_EMAIL,
    OTHER_PHONE,
    directory_refused,
    method_changed,
    password_changed,
    password_reset,
)
from tests.builders import CLIENT, NEW_PASSWORD, PASSWORD, World, a_world
from tests.fakes.people import Fault

Step = Callable[[World, str], Awaitable[object]]


async def begins_a_contact(world: World, session: str) -> None:
    await world.begin(session, "mobile_phone", OTHER_PHONE)


async def begins_an_app(world: World, session: str) -> None:
    await world.begin(session, APP)


async def confirms(world: World, session: str) -> None:
    await world.confirm(session, "email", "0000 0000")


async def removes(world: World, session: str) -> None:
    await world.remove(session, "email")


async def reconfirms(world: World, session: str) -> None:
    await world.service.use(Reconfirm)(session, world.trail)


async def changes_the_password(world: World, session: str) -> None:
    await world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail)


CHANGES_METHODS = [begins_a_contact, begins_an_app, confirms, removes, reconfirms]


WRITES = [*CHANGES_METHODS, changes_the_password]


async def views(world: World, session: str) -> None:
    await world.service.use(ViewRegistration)(session)
    await world.status(session)


async def refused(step: Step, world: World, session: str) -> None:
    """Assert that the step asks for a sign-in and changes nothing that is registered."""
    before = world.row()
    with pytest.raises(SignInRequired):
        await step(world, session)
    after = world.row()
    assert (after.methods, after.pending, heard(after)) == (before.methods, before.pending, heard(before))


def heard(person: Person) -> list[Notice]:
    """The notices, but for those of a try without a proof: it is told, whatever becomes of the session."""
    return [notice for notice in person.notices if notice.template != "change_unproved"]


async def reset_whose_end_is_lost(world: World) -> None:
    """Its `done` never reaches the row."""
    token = await world.prove()
    world.people.faults = [None, *[Fault.LOST] * 12]
    await world.complete(token)
    assert world.row().completion


async def reset_in_doubt(world: World) -> None:
    token = await world.prove()
    world.directory.answers = [DirectoryUnknown()]
    with pytest.raises(OutcomeUnknown):
        await world.complete(token)


async def changed_in_the_directory(world: World) -> None:
    world.directory.changed("ada", NEW_PASSWORD)


@pytest.mark.parametrize("change", [password_reset, reset_whose_end_is_lost, reset_in_doubt, password_changed])
async def test_a_new_password_ends_every_earlier_session(change: Callable[[World], Awaitable[None]]) -> None:
    """At the reservation and for good, on a clock that stands still: no step, no view, before and after the mark."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    await world.begin(session, "email", OTHER_EMAIL)
    await change(world)
    for step in (*WRITES, views):
        await refused(step, world, session)
    if world.row().completion:
        with pytest.raises(TryAgain):
            await world.sign_in(password=PASSWORD if change is reset_in_doubt else NEW_PASSWORD)
        world.clock.at = world.row().completion_until
    newer = await world.sign_in(password=PASSWORD if change is reset_in_doubt else NEW_PASSWORD)
    for step in (*WRITES, views):
        await refused(step, world, session)
    await begins_a_contact(world, newer)


@pytest.mark.parametrize("step", WRITES)
async def test_a_password_that_was_set_in_the_directory_ends_earlier_sessions(step: Step) -> None:
    """A write finds the new stamp and ends all of them, views too. A sign-in with the new password does the same."""
    world = a_world()
    await world.ada()
    session, other = await world.sign_in(), await world.sign_in()
    await world.begin(session, "email", OTHER_EMAIL)
    token = await world.challenge(await world.start())
    await changed_in_the_directory(world)
    await views(world, session)
    if step is begins_a_contact:
        await begins_a_contact(world, await world.sign_in(password=NEW_PASSWORD))
    await refused(step, world, session)
    await refused(views, world, other)
    with pytest.raises(Refused):
        await world.answer(token, world.code())


async def password_changed_in_vain(world: World) -> None:
    world.directory.answers = [PasswordNotTaken(["history"])]
    with pytest.raises(PasswordRefused):
        await password_changed(world)


@pytest.mark.parametrize("step", [method_changed, password_changed_in_vain, directory_refused])
async def test_sessions_last_where_no_password_was_set(step: Callable[[World], Awaitable[None]]) -> None:
    """A changed method, and a password that the directory refused: whoever tries one is not signed out."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    await step(world)
    await views(world, session)
    await begins_a_contact(world, session)


async def test_the_session_of_a_changed_password_is_renewed() -> None:
    """It can change methods at once, with what the directory said of the new password."""
    world = a_world()
    await world.ada()
    renewed, _ = await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    await begins_a_contact(world, renewed)
    await views(world, renewed)


# -- races --

Act = Callable[[], Awaitable[object]]


async def a_reset(world: World) -> Act:
    token = await world.prove()
    return lambda: world.complete(token)


async def a_reset_whose_end_is_lost(world: World) -> Act:
    write = world.people.write

    async def lossy(person: Person, revision: str | None) -> Stored:
        if world.row().completion and not person.completion:
            raise StoreLost
        return await write(person, revision)

    world.people.write = lossy  # type: ignore[method-assign]
    return await a_reset(world)


async def a_change_with_a_session(world: World) -> Act:
    session = await world.sign_in()
    return lambda: changes_the_password(world, session)


async def a_change_in_the_directory(world: World) -> Act:
    async def act() -> None:
        await world.adapters.directory.resolve("ada")
        await changed_in_the_directory(world)

    return act


RACES = [a_reset, a_reset_whose_end_is_lost, a_change_with_a_session, a_change_in_the_directory]


@pytest.mark.parametrize("client", [CLIENT, STRANGER], ids=["known_client", "unknown_client"])
@pytest.mark.parametrize("race", RACES)
async def test_no_session_of_the_old_password_survives_a_race_with_the_new_one(
    race: Callable[[World], Awaitable[Act]], client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sign-in runs between every two calls of the change, in one piece or two. Its session is worth nothing."""
    monkeypatch.setattr(_rows, "LATER_SECONDS", 0)
    outcomes = set()
    for schedule in schedules("C", "S", most=8):
        world = a_world()
        await world.ada()
        await world.sign_in()
        act = await race(world)
        turnstile = gated(world)
        told = await turnstile.race(schedule, {"C": act, "S": lambda: world.sign_in(client=client)})  # noqa: B023
        outcomes.add(type(told["S"]).__name__)
        if isinstance(told["S"], str):
            # The row is read by a view. Only what is set in the directory itself shows at the next write.
            in_order = (begins_a_contact, views) if race is a_change_in_the_directory else (views, begins_a_contact)
            for step in in_order:
                await refused(step, world, told["S"])
    assert {"str", "SignInRequired"} <= outcomes


async def test_twenty_sign_ins_during_a_reset_leave_no_session() -> None:
    """All at once, with the old password, from twenty addresses."""
    world = a_world()
    await world.ada()
    token = await world.prove()
    sign_ins = [world.sign_in(client=f"198.51.100.{n}") for n in range(20)]
    told = await asyncio.gather(*sign_ins[:10], world.complete(token), *sign_ins[10:], return_exceptions=True)
    for session in (one for one in told if isinstance(one, str)):
        await refused(begins_a_contact, world, session)
        await refused(views, world, session)


@pytest.mark.parametrize("seconds", [-9, 9])
async def test_a_clock_that_differs_ends_and_keeps_the_right_sessions(seconds: int) -> None:
    """A reset on one instance, sign-ins before and after it on another one whose clock is behind or ahead."""
    world = a_world()
    await world.ada()
    other = another_instance(world, timedelta(seconds=seconds))
    earlier, token = await other.sign_in(), await world.prove()
    await world.complete(token)
    later = await other.sign_in(password=NEW_PASSWORD)
    for instance in (world, other):
        await refused(views, instance, earlier)
        await views(instance, later)
    await begins_a_contact(world, later)


# -- the mark --


@pytest.mark.parametrize("answers", [[], [DirectoryUnknown()]], ids=["end_lost", "in_doubt"])
async def test_a_mark_closes_sign_in_until_its_deadline(answers: list[Exception]) -> None:
    """To the second, and by the margin for an instance whose clock is ahead. Then a new version replaces the mark."""
    world = a_world()
    await world.ada()
    act, password = await a_reset_whose_end_is_lost(world), PASSWORD if answers else NEW_PASSWORD
    world.directory.answers = [*answers]
    with contextlib.suppress(OutcomeUnknown):
        await act()
    del world.people.write
    begun, version = world.clock.now(), world.row().session_version
    assert version != FIRST_VERSION, "sessions ended before the directory was called"
    world.clock.at = begun + LONGEST - timedelta(seconds=1)
    for _ in range(6):  # none of them counts as a failure: the password is right
        with pytest.raises(TryAgain) as early:
            await another_instance(world, CLOCK_MARGIN).sign_in(password=password)
    assert early.value.retry_after == 2
    world.clock.at = begun + LONGEST + CLOCK_MARGIN
    await begins_a_contact(world, await world.sign_in(password=password))
    assert (world.row().completion, world.row().completion_until) == ("", None)
    assert world.row().session_version != version


async def test_an_end_that_comes_after_the_deadline_still_ends_sessions() -> None:
    """A process that hung writes to the directory after a sign-in with the old password."""
    world = a_world()
    await world.ada()
    token, set_password, sessions = await world.prove(), world.directory.set_password, []

    async def hung(*given: Any) -> str:
        world.clock.move(hours=1)
        sessions.append(await world.sign_in())
        return await set_password(*given)

    world.directory.set_password = hung  # type: ignore[method-assign]
    await world.complete(token)
    await refused(views, world, sessions[0])
    await refused(begins_a_contact, world, sessions[0])


async def test_a_session_is_not_accepted_beside_a_mark() -> None:
    """Even if its version were that of the row."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    world.people.put(replace(world.row(), completion="under way"))
    for step in WRITES:
        await refused(step, world, session)


@pytest.mark.parametrize("step", CHANGES_METHODS)
async def test_a_sign_in_that_is_too_old_changes_no_method(step: Step) -> None:
    """After ten minutes, on the second. Viewing is still allowed (R-62)."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    world.clock.move(seconds=599)
    await world.begin(session, "email", OTHER_EMAIL)
    world.clock.move(seconds=1)
    before = world.row()
    with pytest.raises(SignInAgain):
        await step(world, session)
    assert world.row() == before
    await world.service.use(ViewRegistration)(session)
    world.clock.move(seconds=3000)
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration)(session)
