"""The purge: removed contacts and erased rows are deleted on their day, and a failure stops nothing else."""

import pytest

from shared.domain.account import AccountKey
from shared.domain.errors import TryAgain
from shared.ports.store import StoreLost
from shared.usecases.erase import Erase
from shared.usecases.purge import Purge
from tests.builders import WHY, World, a_world
from tests.fakes.people import Fault


class Store:
    """A store that drops two periods, or does not answer."""

    def __init__(self, *, is_lost: bool = False) -> None:
        self.is_lost = is_lost

    async def purge(self, _now: object) -> int:
        if self.is_lost:
            raise StoreLost
        return 2


async def with_removed_email(*names: str) -> World:
    world = a_world()
    for name in names:
        await world.account(name, email=f"{name}@mail.example", mobile_phone="+33639980001")
        await world.remove(await world.sign_in(name), "email")
    return world


async def test_a_removed_contact_is_deleted_after_thirty_days() -> None:
    """Nothing else of the row changes (R-105)."""
    world = await with_removed_email("ada")
    before = world.row()
    world.clock.move(days=30)
    assert await world.service.use(Purge)() == 0
    assert world.row() == before
    world.clock.move(days=1)
    assert await world.service.use(Purge)() == 1
    assert (world.row().removed, world.row().methods) == ((), before.methods)
    assert not world.adapters.forgetting.entries
    assert await world.service.use(Purge)() == 0


async def test_an_erased_row_is_deleted_a_month_later() -> None:
    """Unless the person has registered again."""
    world = await with_removed_email("ada", "bob")
    keys = [world.key_of(name) for name in ("ada", "bob")]
    await world.account("admin", roles=frozenset({"administrator"}))
    for name in ("ada", "bob"):
        await world.service.use(Erase)(await world.sign_in("admin"), name, WHY, world.trail)
    world.clock.move(seconds=1)
    await world.register(await world.sign_in("bob"), "email", "bob@mail.example")
    world.clock.move(days=32)
    await world.service.use(Purge)()
    assert [key in world.people.rows for key in keys] == [False, True]


async def test_a_failure_stops_neither_other_stores_nor_other_rows(caplog: pytest.LogCaptureFixture) -> None:
    """What failed is done by the next run, and an error is logged."""
    names = [f"person{number}" for number in range(20)]
    world = await with_removed_email(*names)
    world.adapters.expiring = (Store(is_lost=True), Store())
    world.forget_what_was_built()
    world.clock.move(days=32)
    world.people.faults = [Fault.LOST] * 3
    assert 2 < await world.service.use(Purge)() <= 22
    assert "could not be purged" in caplog.text
    await world.service.use(Purge)()
    assert not any(world.row(name).removed for name in names)


async def test_a_purge_that_is_killed_is_continued_by_the_next_run() -> None:
    """An entry is removed only after its row was handled. Handling a row twice changes nothing."""
    world = await with_removed_email("ada", "bob")
    world.clock.move(days=32)
    row, entries = world.row(), set(world.adapters.forgetting.entries)
    await world.service.use(Purge)()
    purged = world.row()
    world.adapters.forgetting.entries |= entries  # as after a kill between the row and its entry
    world.people.put(row)
    await world.service.use(Purge)()
    assert world.row().removed == purged.removed == ()
    assert not world.adapters.forgetting.entries


async def test_a_store_that_cannot_be_listed_is_an_error_of_this_run_only(caplog: pytest.LogCaptureFixture) -> None:
    """The run ends with an error in the log, and the next one works."""
    world = await with_removed_email("ada")
    world.clock.move(days=32)
    index = world.adapters.forgetting

    class Lost:
        async def due(self, _today: object):  # type: ignore[no-untyped-def]
            raise TryAgain
            yield "", AccountKey("")

    world.adapters.forgetting = Lost()  # type: ignore[assignment]
    world.forget_what_was_built()
    assert await world.service.use(Purge)() == 0
    assert "could not be purged" in caplog.text
    world.adapters.forgetting = index
    world.forget_what_was_built()
    assert await world.service.use(Purge)() == 1
