"""The change of a row: decide in memory, write conditionally, answer only after the write. Faults: see rule 4."""

import asyncio
from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from shared.domain.account import AccountKey
from shared.domain.errors import TryAgain
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.ports.people import Stored
from shared.ports.store import Conflict, StoreLost
from shared.usecases._rows import JITTER_SECONDS, MOST_READS, RowChange, Rows
from tests.fakes.keys import a_keyring
from tests.fakes.people import Fault, MemoryPeople
from tests.fakes.randomness import ScriptedRandomness

KEY = AccountKey("account")


class BusyPeople(MemoryPeople):
    """A store where others write between a write whose answer was lost and the next read."""

    def __init__(self, others: int = 0) -> None:
        super().__init__()
        self.others = others

    async def write(self, person: Person, revision: str | None) -> Stored:
        try:
            return await super().write(person, revision)
        except (Conflict, StoreLost):
            for n in range(self.others):
                now = self.row()
                self.put(now.stamped(f"other {n}", now.ring))
            raise

    def row(self) -> Person:
        return self.rows[KEY][0] if KEY in self.rows else Person(account=KEY)


def a_change(people: MemoryPeople, *, nonce: str = "mine", stored: Stored | None = None) -> RowChange:
    return Rows(people, ScriptedRandomness(), a_keyring()).change(KEY, nonce, stored=stored)


def in_french(person: Person) -> Person:
    return replace(person, language="fr")


async def changed(row: RowChange, decide: Callable[[Person], Person | None] = in_french) -> list[str]:
    """Return the language of the row at each decision."""
    seen = []
    while True:
        person = await row.read()
        seen.append(person.language)
        if await row.write(decide(person)):
            return seen


class TestDecided:
    """Read, decide, write."""

    async def test_a_decision_that_changes_nothing_writes_nothing(self) -> None:
        """It is answered at once."""
        people = BusyPeople()
        assert await changed(a_change(people), lambda _person: None) == [""]
        assert (people.reads, people.writes) == (1, 0)

    async def test_a_change_is_one_read_and_one_write(self) -> None:
        """If nobody else writes."""
        people = BusyPeople()
        await changed(a_change(people))
        assert (people.reads, people.writes, people.row().language) == (1, 1, "fr")

    async def test_after_a_conflict_the_decision_is_made_again(self) -> None:
        """On the row that the other writer left."""
        people = BusyPeople()
        people.meanwhile = lambda: people.put(Person(account=KEY, language="en"))
        assert await changed(a_change(people)) == ["", "en"]
        assert people.row().language == "fr"

    async def test_a_decision_after_a_conflict_may_write_nothing(self) -> None:
        """The other writer has already made the change."""
        people = BusyPeople()
        people.meanwhile = lambda: people.put(Person(account=KEY, language="fr"))
        await changed(a_change(people), lambda person: None if person.language == "fr" else in_french(person))
        assert people.row() == Person(account=KEY, language="fr")

    async def test_a_following_change_needs_no_further_read(self) -> None:
        """It starts from the stored row and its revision."""
        people = BusyPeople()
        first = a_change(people)
        await changed(first)
        reads = people.reads
        assert await changed(a_change(people, nonce="next", stored=first.stored), lambda p: replace(p, language="en"))
        assert (people.reads, people.row().language) == (reads, "en")

    async def test_a_following_change_after_a_lost_answer_needs_no_further_read(self) -> None:
        """It starts from the row that was read after the lost answer."""
        people = BusyPeople(others=2)
        people.faults = [Fault.APPLIED_THEN_LOST]
        first = a_change(people)
        await changed(first)
        assert first.stored.person.ring == ("mine", "other 0", "other 1")
        await changed(a_change(people, nonce="next", stored=first.stored))
        assert people.writes == 2

    async def test_a_change_can_start_from_a_row_that_was_read_before(self) -> None:
        """If another write came in between, the next decision is made on the current row."""
        people = BusyPeople()
        given = await people.read(KEY)
        people.put(Person(account=KEY, language="en"))
        assert await changed(a_change(people, stored=given)) == ["", "en"]

    async def test_preparations_of_a_write_are_repeated_after_a_conflict(self) -> None:
        """Another row is written then, and it may need another index entry or promise."""
        people = BusyPeople()
        people.meanwhile = lambda: people.put(Person(account=KEY, language="en"))
        row, prepared = a_change(people), []
        while True:
            person = await row.read()
            prepared.append(f"for {person.language or 'nothing'}")
            if await row.write(in_french(person)):
                break
        assert prepared == ["for nothing", "for en"]

    async def test_a_store_that_accepts_no_write_ends_in_try_again(self) -> None:
        """After a bounded number of decisions, with no outcome answered."""
        people = BusyPeople()
        people.faults = [Fault.CONFLICT] * (MOST_READS + 5)
        with pytest.raises(TryAgain):
            await changed(a_change(people))
        assert len(people.faults) == 5

    async def test_a_wrong_answer_is_not_given_up_before_the_tries_are_used(self) -> None:
        """With the highest `tries_per_code`, it finds no tries left before it gives up."""
        tries = next(knob for knob in fields(Policy) if knob.name == "tries_per_code")
        assert tries.metadata["high"] < MOST_READS

    async def test_a_row_that_cannot_be_read_again_gets_no_answer(self) -> None:
        """The write may have been applied, and then the store does not answer."""
        people = BusyPeople()
        people.faults = [Fault.APPLIED_THEN_LOST]
        row = a_change(people)
        person = await row.read()

        async def lost(account: AccountKey) -> Stored:
            raise StoreLost

        people.read = lost  # type: ignore[method-assign]
        with pytest.raises(TryAgain):
            await row.write(in_french(person))


class TestWaits:
    """Writers that met in a conflict must not all meet again."""

    async def test_the_wait_after_a_conflict_grows_and_has_a_random_part(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The random part comes from the port, so that a test can set it."""
        waits: list[float] = []

        async def waited(seconds: float) -> None:
            if seconds:
                waits.append(seconds)

        class Chance(ScriptedRandomness):
            fractions = iter((0.0, 0.5, 0.25))

            def fraction(self) -> float:
                return next(self.fractions)

        people = MemoryPeople()
        people.faults = [Fault.CONFLICT] * 3
        monkeypatch.setattr(asyncio, "sleep", waited)
        await changed(Rows(people, Chance(), a_keyring()).change(KEY, "mine"))
        step = waits[0]
        assert step > 0
        assert waits == pytest.approx([step, 2 * step + 0.5 * JITTER_SECONDS, 3 * step + 0.25 * JITTER_SECONDS])

    async def test_a_successful_write_does_not_wait(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """There is no pause without a conflict."""
        waits: list[float] = []

        async def waited(seconds: float) -> None:
            waits.append(seconds)

        monkeypatch.setattr(asyncio, "sleep", waited)
        await changed(a_change(MemoryPeople()))
        assert sum(waits) == 0
