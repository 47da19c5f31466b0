"""The one write path: decided in memory, written if nobody else did, and told only then."""

from dataclasses import replace

import pytest

from shared.domain.account import AccountKey
from shared.domain.errors import TryAgain
from shared.domain.person import Person
from shared.usecases._conditional import ATTEMPTS, Decision, decide
from tests.fakes.clock import FixedClock
from tests.fakes.people import Fault, MemoryPeople

KEY = AccountKey("account")


def in_french(person: Person) -> Decision[str]:
    return Decision(f"was {person.language or 'nothing'}", replace(person, language="fr"))


def is_french(person: Person) -> bool:
    return person.language == "fr"


async def test_a_decision_without_a_row_writes_nothing() -> None:
    """What changes nothing is told at once."""
    people = MemoryPeople(FixedClock())
    told = await decide(people, KEY, lambda _person: Decision("no"), landed=is_french)
    assert (told.outcome, people.writes) == ("no", 0)


async def test_a_lost_race_decides_again_on_the_new_row() -> None:
    """The second decision sees what the winner wrote."""
    people = MemoryPeople(FixedClock())
    people.meanwhile = lambda: people.put(Person(account=KEY, language="en"))
    told = await decide(people, KEY, in_french, landed=is_french)
    assert told.outcome == "was en"


async def test_what_is_told_carries_the_row_as_it_stands() -> None:
    """The next step may write on from it without reading again."""
    people = MemoryPeople(FixedClock())
    told = await decide(people, KEY, in_french, landed=is_french)
    await people.write(replace(told.stored.person, language="en"), told.stored.revision)


async def test_every_write_is_preceded_by_its_own_preparation() -> None:
    """After a lost race another row is written, and what must stand before it (an index entry, a promise) differs."""
    people = MemoryPeople(FixedClock())
    people.meanwhile = lambda: people.put(Person(account=KEY, language="en"))
    prepared = []

    async def prepare(outcome: str) -> None:
        prepared.append(outcome)

    await decide(people, KEY, in_french, landed=is_french, before_write=prepare)
    assert prepared == ["was nothing", "was en"]


async def test_a_store_that_takes_nothing_is_given_up_without_an_outcome() -> None:
    """A bounded number of attempts, and then nobody is told anything."""
    people = MemoryPeople(FixedClock())
    people.faults = [Fault.CONFLICT] * (ATTEMPTS + 5)
    with pytest.raises(TryAgain):
        await decide(people, KEY, in_french, landed=is_french)
    assert len(people.faults) == 5
