"""Coverage: the sums are those of a full count, whatever was killed, lost or repeated."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.coverage import as_of, contribution, folded, standing_of
from shared.domain.errors import NotAllowed, Refused
from shared.domain.trail import Tag
from shared.ports.directory import Attributes
from shared.ports.store import StoreLost
from shared.usecases.erase import Erase
from shared.usecases.freeze import Freeze
from shared.usecases.record_events import RecordEvents
from shared.usecases.recount import RecountCoverage
from shared.usecases.require_registration import RequireRegistration
from shared.usecases.view_coverage import Coverage, ViewCoverage
from shared.wiring import Service
from tests.builders import EMAIL, PHONE, WHY, World, a_person, a_policy, a_world, at
from tests.fakes.coverage import MemoryCoverage

ROLES = frozenset({"administrator"})


@pytest.fixture
async def world() -> World:
    """An administrator, somebody registered, and somebody who has only an account."""
    made = a_world(session_seconds=28800, method_change_seconds=1800)
    made.directory.known = {"ada": Attributes(groups=("CN=Sales", "CN=All")), "bob": Attributes(groups=("CN=All",))}
    await made.account("root", roles=ROLES)
    await made.ada()
    await made.account("bob")
    made.sessions = {name: await made.sign_in(name) for name in ("root", "ada", "bob")}
    await recounted(made)
    return made


async def recounted(world: World, *, page: int = 2) -> tuple[int, bool]:
    """Recount, and return how many people were corrected and whether a sum was."""
    corrected, sums, place = 0, False, None
    recount = world.service.use(RecountCoverage)
    object.__setattr__(recount, "page", page)
    while True:
        portion = await recount(world.sessions["root"], place, world.trail)
        corrected, sums, place = corrected + portion.corrected, sums or portion.sums_corrected, portion.next
        if place is None:
            return corrected, sums


async def sums(world: World) -> Mapping[str, Mapping[str, int]]:
    found = await world.adapters.coverage.sums(world.clock.now().date())
    return {group: one for group, one in found.items() if one}


async def is_full_count(world: World) -> bool:
    """Whether the sums are those of a count from nothing, which is then thrown away."""
    before, world.adapters.coverage = world.adapters.coverage, MemoryCoverage()
    kept, world.service = world.service, Service(world.adapters)  # type: ignore[arg-type]
    await recounted(world, page=100)
    full = await sums(world)
    world.adapters.coverage, world.service = before, kept
    return full == await sums(world)


async def queue(world: World, *, lost: bool = False, twice: bool = False) -> None:
    """Deliver what a request left: its events, if they were not lost, and the orders for notices."""
    events, world.trail.events[:] = list(world.trail.events), []
    for _ in range(0 if lost else 2 if twice else 1):
        await world.service.use(RecordEvents)(events, record_id=f"r{len(world.adapters.audit_log.records)}")
    world.clock.move(seconds=30)
    await world.tell()
    world.trail.events.clear()


async def registers(world: World) -> None:
    for method, contact in (("email", "bob@mail.example"), ("mobile_phone", "+33639980002")):
        await world.register(world.sessions["bob"], method, contact)


async def removes(world: World) -> None:
    await world.remove(world.sessions["ada"], "mobile_phone")


async def is_erased(world: World) -> None:
    await world.service.use(Erase)(world.sessions["root"], "ada", WHY, world.trail)


async def is_frozen(world: World) -> None:
    await world.service.use(Freeze)(world.sessions["root"], "ada", WHY, world.trail)


async def must_confirm_again(world: World) -> None:
    await world.service.use(RequireRegistration)(world.sessions["root"], "ada", WHY, world.trail)


async def is_prefilled(world: World) -> None:
    await world.prefill(world.sessions["root"], {"identifier": "bob", "email": "bob@mail.example"})
    world.trail.events += world.adapters.audit_outbox.events
    world.adapters.audit_outbox.events.clear()


ACTS: list[Callable[[World], Any]] = [registers, removes, is_erased, is_frozen, must_confirm_again, is_prefilled]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
@pytest.mark.parametrize("how", ["once", "twice", "store lost", "event lost"])
async def test_the_coverage_is_that_of_a_full_count(world: World, act: Callable[[World], Any], how: str) -> None:
    """A message that comes twice counts once. A kill before the event was left: the notice, promised before, counts.

    A prefill has no notice; it is repeated, and what is repeated is counted.
    """
    before = await sums(world)
    await act(world)
    if how == "event lost" and act is is_prefilled:
        world.trail.events.clear()
        await act(world)
        how = "once"
    if how == "store lost":
        settle = world.adapters.coverage.settle

        async def lost(*given: Any) -> None:
            await settle(*given)
            raise StoreLost

        world.adapters.coverage.settle = lost  # type: ignore[method-assign]
        events = list(world.trail.events)
        with pytest.raises(StoreLost):
            await world.service.use(RecordEvents)(events, record_id="lost")
        world.adapters.coverage.settle = settle  # type: ignore[method-assign]
    await queue(world, lost=how == "event lost", twice=how == "twice")
    assert await sums(world) != before
    assert await is_full_count(world)


async def view(world: World, name: str = "root") -> Coverage:
    return await world.service.use(ViewCoverage)(world.sessions[name], world.trail)


async def test_staff_see_the_sums_by_group_and_who_is_not_ready(world: World) -> None:
    """By name, with what they lack; the list leaves an event, and goes on where it ended."""
    seen = await view(world)
    everybody = seen.everybody
    assert (everybody.people, everybody.enabled, everybody.registered, everybody.capable) == (3, 3, 1, 1)
    assert everybody.methods == {"email": 1, "mobile_phone": 1}
    assert [(one.group, one.people, one.capable) for one in seen.groups] == [("CN=All", 2, 1), ("CN=Sales", 1, 1)]
    assert seen.is_current
    assert seen.recounted_at
    listed, place = [], None
    while True:
        page = await world.service.use(ViewCoverage).not_ready(world.sessions["root"], place, 1, world.trail)
        listed += page.people
        if (place := page.next) is None:
            break
        with pytest.raises(Refused):
            await world.service.use(RecountCoverage)(world.sessions["root"], place, world.trail)
    assert {(one.identifier, one.lacks, one.groups) for one in listed} == {
        ("bob", ("another",), ("CN=All",)),
        ("root", ("another",), ()),
    }
    assert [event.tag for event in world.trail.events].count(Tag.COVERAGE_LISTED) == 1
    for refused in (view(world, "ada"), world.service.use(RecountCoverage)(world.sessions["ada"], None, world.trail)):
        with pytest.raises(NotAllowed):
            await refused


async def test_a_recount_repairs_whatever_is_wrong(world: World) -> None:
    """Somebody never counted, changed behind our back, gone, or counted though there is no such account; wrong sums."""
    store, directory = world.adapters.coverage, world.directory
    right, ada, bob = await sums(world), world.key_of("ada"), world.key_of("bob")
    del store.rows[bob]
    store.rows[ada] = replace(store.rows[ada][0], registered=False, groups=("CN=Old",)), 99
    store.rows[type(ada)("z" * 52)] = store.rows[ada]
    store.kept["z", ""] = {"people": 7}
    assert await recounted(world) == (3, True)
    assert await sums(world) == right
    assert await recounted(world) == (0, False)
    await directory.set_enabled("ada", enabled=False)
    assert await recounted(world) == (1, False)
    assert (await view(world)).everybody.enabled == 2
    object.__setattr__(world.service.use(ViewCoverage), "policy", a_policy(gates=1))
    assert not (await view(world)).is_current, "everybody was counted with another policy"


@pytest.mark.parametrize(
    ("changes", "capable"),
    [
        ({}, [True, True, False]),
        ({"usable_from": at(days=3)}, [False, True, False]),
        ({"usable_from": at(days=1000)}, [False, False, False]),
    ],
)
def test_capability_comes_and_goes_on_its_days_without_a_write(changes: dict[str, Any], capable: list[bool]) -> None:
    """A rest that ends, and methods that are overdue: what the gates of those days say."""
    policy, person = a_policy(overdue_methods="block"), a_person(email=EMAIL, mobile_phone=PHONE)
    methods = (replace(person.methods[0], **changes), *person.methods[1:])
    person = replace(person, methods=methods)
    counted = standing_of(person, policy, at(), object_id="o", enabled=True, privileged=False)
    for days, expected in zip((0, 4, 200), capable, strict=True):
        day = at(days=days)
        again = standing_of(person, policy, day, object_id="o", enabled=True, privileged=False)
        assert as_of(counted, day.date()) == as_of(again, day.date())
        assert bool(folded(contribution(counted), day.date()).get("capable")) is expected
