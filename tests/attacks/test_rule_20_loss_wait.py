"""Rule 20: who has lost every method waits, and everybody is told. A thief with the session gains nothing by it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.errors import Limited, ProofRequired, TryAgain
from shared.domain.loss_wait import OPEN_FOR
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.change_password import ChangePassword
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.report_loss import ReportLoss
from shared.usecases.withdraw_loss import WithdrawLoss
from tests.attacks.authenticator import APP, an_app
from tests.builders import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, PHONE, World, a_world, at

NEW = "ada@new.example"
WAIT = timedelta(days=7) + CLOCK_MARGIN


async def reports(world: World, session: str) -> Any:
    return await world.service.use(ReportLoss)(session, world.trail, client=CLIENT)


async def adds(world: World, method: str = "email", contact: str | None = NEW) -> str:
    """Sign in and begin to add it without a proof. Return the session."""
    session = await world.sign_in()
    await world.service.use(BeginMethod)(session, method, Wish(contact=contact), world.trail)
    return session


async def lost(**knobs: Any) -> World:
    """Ada has reported that her address and her phone are lost."""
    world = a_world(**knobs)
    await world.ada()
    await reports(world, await world.sign_in())
    return world


@pytest.mark.parametrize("days", [3, 7, 30])
async def test_after_the_wait_methods_are_added_without_a_proof_and_rest(days: int) -> None:
    """To the second, with the margin of the clocks, for a week. What was added rests beside what may not be lost."""
    world = await lost(loss_wait_days=days)
    await world.tell()
    for to in (EMAIL, PHONE):
        assert world.objection(to)
    begun_at, wait = world.row().lost_at, timedelta(days=days) + CLOCK_MARGIN
    assert begun_at == world.clock.at
    world.clock.at = begun_at + wait - timedelta(seconds=1)
    with pytest.raises(ProofRequired):
        await adds(world)
    world.clock.move(seconds=1)
    with pytest.raises(ProofRequired):  # nothing is removed in this way
        await world.service.use(RemoveMethod)(await world.sign_in(), "email", world.trail)
    for method, contact in (("email", NEW), ("mobile_phone", "+33639980011")):
        session = await adds(world, method, contact)
        await world.deliver()
        await world.confirm(session, method)
        added = world.row().method(method)
        assert added is not None
        assert added.usable_from == world.clock.at + timedelta(hours=24)
    world.clock.at = begun_at + wait + OPEN_FOR
    with pytest.raises(ProofRequired):
        await adds(world, APP, None)


async def resets(world: World) -> None:
    await world.pass_gate(await world.start(), "mobile_phone")


async def proves_a_change(world: World) -> None:
    await world.prove_change(await world.sign_in(), "mobile_phone")


async def confirms_again(world: World) -> None:
    session = await world.sign_in()
    await world.begin(session, "email")
    await world.deliver()
    await world.confirm(session, "email")


async def objects(world: World) -> None:
    await world.tell()
    code = world.objection(PHONE)
    await world.object_to(code)
    world.people.put(replace(world.row(), frozen_at=None))


async def withdraws(world: World) -> None:
    await world.service.use(WithdrawLoss)(await world.sign_in(), world.trail)


async def changes_the_password(world: World) -> None:
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    await world.service.use(ChangePassword)(
        await world.sign_in(password=NEW_PASSWORD), NEW_PASSWORD, PASSWORD, world.trail
    )


async def has_another_password(world: World) -> None:
    entry = await world.directory.find(world.row().object_id or "")  # type: ignore[arg-type]
    assert entry is not None
    await world.directory.set_password(entry, PASSWORD)
    await world.sign_in()


ENDINGS: list[Callable[[World], Awaitable[None]]] = [
    resets, proves_a_change, confirms_again, objects, withdraws, changes_the_password, has_another_password,
]  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("late", [False, True], ids=["while it runs", "after it"])
async def test_what_ends_the_wait_ends_the_right_after_it(
    ending: Callable[[World], Awaitable[None]], late: bool
) -> None:
    """Any use of an old method, the code of the notice, the person, and a new password."""
    world = await lost()
    if ending is objects:
        await ending(world)
    world.clock.move(days=7 if late else 1, minutes=3)
    if ending is not objects:
        await ending(world)
    world.clock.at = max(world.clock.at, at(days=7, minutes=5))
    with pytest.raises(ProofRequired):
        await adds(world)


async def test_the_use_of_an_old_method_withdraws_what_the_right_began() -> None:
    """A contact that was begun without a proof is not confirmed after the owner came back."""
    world = await lost()
    world.clock.move(days=7, minutes=3)
    await adds(world, APP, None)
    assert world.row().pending
    await resets(world)
    assert not world.row().pending


async def prefills(world: World) -> None:
    row = {"identifier": "ada", "office_phone": "+33140000000"}
    await world.prefill(await world.sign_in("avery"), row)


@pytest.mark.parametrize("change", [reports, None, prefills, an_app], ids=["again", "view", "prefill", "app"])
async def test_nothing_shortens_the_wait(change: Callable[..., Awaitable[Any]] | None) -> None:
    """A second report neither begins anew nor tells again, and no other change moves the end."""
    world = await lost()
    await world.account("avery", roles=frozenset({"administrator"}))
    begun, told = world.row().lost_at, len(world.row().notices)
    world.clock.move(days=3)
    if change is reports:
        view = await reports(world, await world.sign_in())
        assert view.loss_wait_ends_at == (begun or world.clock.at) + WAIT
        assert len(world.row().notices) == told
    elif change is an_app:
        world.people.put(replace(world.row(), methods=world.row().methods[:1]))
    elif change is not None:
        await change(world)
    assert world.row().lost_at == begun
    world.clock.move(days=4)
    with pytest.raises(ProofRequired):
        await adds(world)


async def test_reports_are_limited_and_made_only_where_needed_and_told() -> None:
    """They count as changes of methods, up to half of the day's: a thief must leave some. No queue, no report."""
    world = a_world(method_changes_per_account_day=4)
    await world.account("eve")
    await world.ada()
    assert (await reports(world, await world.sign_in("eve"))).loss_wait_ends_at is None
    session = await world.sign_in()
    world.adapters.promised.is_lost = True
    with pytest.raises(TryAgain):
        await reports(world, session)
    world.adapters.promised.is_lost = False
    for _ in range(2):
        await reports(world, session)
        await world.service.use(WithdrawLoss)(session, world.trail)
    with pytest.raises(Limited):
        await reports(world, session)
    await world.remove(session, "email")
