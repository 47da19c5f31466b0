"""The change of a row: decide in memory, write conditionally, and answer only after the write."""

import asyncio
from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from shared.domain.account import AccountKey
from shared.domain.errors import TryAgain
from shared.domain.person import RING, Evidence, EvidenceClass, Notice, PendingMethod, Person, Reminder, Source
from shared.domain.policy import Policy
from shared.ports.people import Stored
from shared.ports.store import Conflict, StoreLost
from shared.usecases._rows import JITTER_SECONDS, MOST_READS, RowChange, Rows
from tests.builders import EMAIL, a_method, a_sent_code, an_attempt, an_attempt_id, at
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.people import Fault, MemoryPeople
from tests.fakes.randomness import ScriptedRandomness

KEY = AccountKey("account")
APPLIED = [Fault.APPLIED_THEN_CONFLICT, Fault.APPLIED_THEN_LOST]
NOT_APPLIED = [Fault.CONFLICT, Fault.LOST]

each_applied = pytest.mark.parametrize("fault", APPLIED, ids=lambda fault: fault.name)
each_not_applied = pytest.mark.parametrize("fault", NOT_APPLIED, ids=lambda fault: fault.name)
each_fault = pytest.mark.parametrize("fault", [*APPLIED, *NOT_APPLIED], ids=lambda fault: fault.name)


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
    return Rows(people, ScriptedRandomness()).change(KEY, nonce, stored=stored)


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


class TestRing:
    """Every write adds its nonce to the ring (rule 4)."""

    async def test_every_write_adds_its_nonce_to_the_ring(self) -> None:
        """After the nonces that it read. From a full ring the oldest is removed."""
        people = BusyPeople()
        for n in range(RING + 2):
            await changed(a_change(people, nonce=f"write {n}"))
        assert people.row().ring == tuple(f"write {n}" for n in range(2, RING + 2))

    @each_applied
    async def test_an_applied_write_is_found_by_its_nonce_in_the_ring(self, fault: Fault) -> None:
        """The store reported a conflict with the request itself, or gave no answer. The decision is not made again."""
        people = BusyPeople()
        people.faults = [fault]
        assert await changed(a_change(people)) == [""]
        assert (people.writes, people.row().ring) == (1, ("mine",))

    @each_not_applied
    async def test_a_write_that_was_not_applied_is_repeated(self, fault: Fault) -> None:
        """Then it is on the row once."""
        people = BusyPeople()
        people.faults = [fault]
        assert await changed(a_change(people)) == ["", ""]
        assert (people.writes, people.row().ring) == (1, ("mine",))

    @each_fault
    async def test_a_change_is_applied_once_while_others_write(self, fault: Fault) -> None:
        """While its nonce, or the newest nonce that it read, can still be in the ring."""
        people = BusyPeople(others=RING - 2)
        people.put(Person(account=KEY, ring=("earlier",)))
        people.faults = [fault]
        await changed(a_change(people), lambda person: replace(person, known_clients=(*person.known_clients, "me")))
        assert people.row().known_clients == ("me",)

    @each_fault
    @pytest.mark.parametrize("earlier", [(), ("earlier",)], ids=["first write", "later write"])
    async def test_an_unknown_outcome_is_not_answered(self, fault: Fault, earlier: tuple[str, ...]) -> None:
        """So many others wrote that its nonce may have left the ring: neither yes nor no."""
        people = BusyPeople(others=RING)
        people.put(Person(account=KEY, ring=earlier))
        people.faults = [fault]
        with pytest.raises(TryAgain):
            await changed(a_change(people))

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


EVIDENCE = Evidence(kind=EvidenceClass.MAILBOX, destination="a mailbox")
ENTRIES: dict[str, Callable[[Person], Person]] = {
    "a passed gate": lambda p: replace(p, attempts=(an_attempt(passed=EVIDENCE, nonce="mine"),)),
    "a sent code": lambda p: replace(p, sent_codes=(a_sent_code(nonce="mine"),)),
    "a pending method": lambda p: replace(
        p,
        pending=(
            PendingMethod(
                sealed=a_method("email", EMAIL, KEY).sealed, source=Source.SELF, attempt=an_attempt_id(),
                expires_at=at(minutes=15), nonce="mine",
            ),
        ),
    ),
    "a notice": lambda p: p.with_notice(Notice(event="mine", template="method_added", at=MONDAY_MORNING)),
    "a completion": lambda p: replace(p, completion="mine"),
    "a reminder": lambda p: replace(p, reminder=Reminder(day="20260302", at=MONDAY_MORNING, nonce="mine")),
}  # fmt: skip
"""Entries that stay on the row longer than the ring keeps a nonce, each with the nonce of its writer."""


class TestEntries:
    """Entries keep the nonce of their writer after it has left the ring."""

    @each_applied
    @pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
    async def test_an_applied_write_is_found_by_its_entry(
        self, fault: Fault, entry: Callable[[Person], Person]
    ) -> None:
        """For example a passed gate or a claim. It is answered, however many others wrote since."""
        people = BusyPeople(others=3 * RING)
        people.faults = [fault]
        assert await changed(a_change(people), entry) == [""]
        assert people.writes == 1
        assert "mine" not in people.row().ring

    @each_not_applied
    @pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
    async def test_the_entry_of_another_request_is_not_confused_with_ones_own(
        self, fault: Fault, entry: Callable[[Person], Person]
    ) -> None:
        """The same entry with another nonce: the decision is made again."""
        people = BusyPeople()
        people.put(entry(Person(account=KEY)))
        people.faults = [fault]
        assert await changed(a_change(people, nonce="another")) == ["", ""]


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
        await changed(Rows(people, Chance()).change(KEY, "mine"))
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
