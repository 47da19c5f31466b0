"""Expired: each store deletes expired data, and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.azure_tables.people import TablePeople
from shared.adapters.azure_tables.rate_limiter import TableRateLimiter
from shared.domain.account import AccountKey
from shared.domain.limits import Rate
from shared.domain.person import Person, RemovedContact
from tests.builders import EMAIL, a_method, a_person, an_attempt
from tests.contracts.store import a_table
from tests.fakes.clock import FixedClock
from tests.fakes.people import MemoryPeople
from tests.fakes.rate_limiter import MemoryRateLimiter

ONCE = (Rate(1, timedelta(days=300)),)


@dataclass
class Side:
    """Both stores that are purged by the age of a row."""

    people: Any
    limiter: Any


@pytest.fixture
async def side(kind: str, clock: FixedClock, request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    if kind == "memory":
        yield Side(MemoryPeople(clock), MemoryRateLimiter(clock))
        return
    storage = request.getfixturevalue("storage")
    async with a_table(storage, "People") as people, a_table(storage, "Counters") as counters:
        yield Side(TablePeople(people, clock), TableRateLimiter(counters, clock))


async def test_rows_of_unknown_names_are_deleted_after_thirty_idle_days(side: Side, clock: FixedClock) -> None:
    """A registered person's row is kept at any age, and so is an unknown name's row that was used since."""
    idle = Person(account=AccountKey("idle"), attempts=(an_attempt(),))
    for person in (idle, a_person("registered", email=EMAIL), Person(account=AccountKey("busy"))):
        await side.people.write(person, None)
    clock.move(days=20)
    busy = await side.people.read(AccountKey("busy"))
    await side.people.write(busy.person, busy.revision)
    assert await side.people.purge(clock.now()) == 0
    clock.move(days=11)
    assert await side.people.purge(clock.now()) == 1
    assert (await side.people.read(AccountKey("idle"))).revision is None
    assert (await side.people.read(AccountKey("busy"))).revision is not None
    assert (await side.people.read(AccountKey("registered"))).person.methods


async def test_a_removed_contact_is_deleted_after_thirty_days(side: Side, clock: FixedClock) -> None:
    """Until then it gets notices of changes. Nothing else of the row changes (R-105)."""
    gone = RemovedContact(sealed=a_method("email", EMAIL, AccountKey("gone")).sealed, removed_at=clock.now())
    person = replace(a_person("registered", email=EMAIL), removed=(gone,))
    await side.people.write(person, None)
    clock.move(days=29)
    assert await side.people.purge(clock.now()) == 0
    clock.move(days=2)
    assert await side.people.purge(clock.now()) == 1
    assert (await side.people.read(person.account)).person == replace(person, removed=())
    assert await side.people.purge(clock.now()) == 0


async def test_the_row_of_a_person_without_methods_is_kept(side: Side, clock: FixedClock) -> None:
    """The person has signed in: the row holds the epoch of their password."""
    await side.people.write(a_person("signed-in"), None)
    clock.move(days=400)
    assert await side.people.purge(clock.now()) == 0


async def test_counters_are_deleted_after_thirty_idle_days(side: Side, clock: FixedClock) -> None:
    """A counter that was hit since is kept. An instance that still knows a deleted one counts from zero."""
    await side.limiter.hit("idle", ONCE)
    clock.move(days=20)
    await side.limiter.hit("busy", ONCE)
    assert await side.limiter.purge(clock.now()) == 0
    clock.move(days=11)
    assert await side.limiter.purge(clock.now()) == 1
    assert not (await side.limiter.hit("busy", ONCE)).allowed
