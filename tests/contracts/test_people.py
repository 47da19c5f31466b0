"""People: one row per account, conditional writes only; a missing row is a value."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from shared.adapters.azure_tables._table import Table
from shared.adapters.azure_tables.expiring import ExpiringTables
from shared.adapters.azure_tables.people import LEAST, ROW_LIMIT, TablePeople
from shared.domain.account import AccountKey, ObjectId
from shared.domain.judgement import MAX_ATTEMPTS
from shared.domain.person import MAX_DECOYS, Expiry, Failures, Notice, Person, Reminder, RemovedContact, Snooze
from shared.domain.sent_codes import MAX_SENT_CODES
from shared.ports.store import Conflict, StoreLost
from tests.builders import EMAIL, PHONE, a_code_id, a_method, a_person, a_sent_code, an_attempt, an_attempt_id, at
from tests.contracts.store import UnreliableTransport, a_service
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.people import Fault, MemoryPeople

KEY = AccountKey("account")


@dataclass
class Side:
    """The store under test, and the faults that its next writes meet."""

    people: Any
    faults: list[Any]
    transport: UnreliableTransport | None = None


@pytest.fixture
async def side(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    if kind == "memory":
        memory = MemoryPeople()
        yield Side(memory, memory.faults)
        return
    transport = UnreliableTransport()
    async with a_service(request.getfixturevalue("storage"), transport) as service:
        await service.create_table_if_not_exists("People")
        transport.requests.clear()
        table = Table(service.get_table_client("People"))
        yield Side(TablePeople(table, ExpiringTables.of(service).strangers), transport.faults, transport)


async def test_a_missing_row_reads_as_an_empty_person(side: Side) -> None:
    """It has no revision."""
    stored = await side.people.read(KEY)
    assert (stored.person, stored.revision) == (Person(account=KEY), None)


async def test_a_row_is_read_as_it_was_written(side: Side) -> None:
    """Every field, with times to the microsecond."""
    person = a_person(
        KEY,
        email=EMAIL,
        mobile_phone=PHONE,
        object_id=ObjectId("an id"),
        version="B" * 22,
        language="fr",
        session_version="C" * 22,
        password_stamp="a stamp",
        completion="an event",
        completion_until=at(microseconds=1),
        sign_in_failures=3,
        sign_in_closed_at=at(microseconds=2),
        unproved_at=at(microseconds=3),
        attempts=(an_attempt(tries=2, passed=a_method("email", EMAIL, KEY).sealed.evidence, nonce="three"),),
        sent_codes=(a_sent_code(),),
        ring=("one", "two"),
        failures={"reset:1:email": Failures(since=MONDAY_MORNING, count=3, suspended_until=at(days=1))},
        removed=(RemovedContact(sealed=a_method("email", EMAIL, KEY).sealed, removed_at=MONDAY_MORNING),),
        known_clients=("a", "b"),
        notices=(Notice(event="e", template="password_changed", at=MONDAY_MORNING, sent=("d",)),),
        reminder_day="20260302",
        reminder=Reminder(day="20260302", at=MONDAY_MORNING, sent=True),
        snooze=Snooze(of=at(days=1), until=at(days=2)),
        time_zone="Pacific/Auckland",
        expiry=Expiry(at=at(days=9), entry="2026031108", claim=Reminder(day="2026031108", at=MONDAY_MORNING)),
    )
    await side.people.write(person, None)
    assert (await side.people.read(KEY)).person == person


async def test_inserting_an_existing_row_is_a_conflict(side: Side) -> None:
    """Of the first claims of two parallel requests, one succeeds and the other reads again."""
    await side.people.write(Person(account=KEY, language="en"), None)
    with pytest.raises(Conflict):
        await side.people.write(Person(account=KEY, language="fr"), None)
    assert (await side.people.read(KEY)).person.language == "en"


async def test_a_write_with_an_old_revision_is_a_conflict(side: Side) -> None:
    """A revision can be used for one write. An old one, or one of a deleted row, is a conflict."""
    stored = await side.people.write(Person(account=KEY), None)
    await side.people.write(replace(stored.person, language="en"), stored.revision)
    with pytest.raises(Conflict):
        await side.people.write(replace(stored.person, language="fr"), stored.revision)
    with pytest.raises(Conflict):
        await side.people.write(Person(account=AccountKey("another")), stored.revision)
    assert (await side.people.read(KEY)).person.language == "en"


async def test_a_write_returns_the_row_with_its_new_revision(side: Side) -> None:
    """The next write needs no read."""
    stored = await side.people.write(Person(account=KEY), None)
    again = await side.people.write(replace(stored.person, language="fr"), stored.revision)
    assert await side.people.read(KEY) == again


async def test_a_row_is_deleted_only_if_it_has_not_changed_since(side: Side) -> None:
    """A deleted row reads as a missing one."""
    stored = await side.people.write(Person(account=KEY), None)
    again = await side.people.write(replace(stored.person, language="fr"), stored.revision)
    with pytest.raises(Conflict):
        await side.people.delete(KEY, stored.revision)
    await side.people.delete(KEY, again.revision)
    assert (await side.people.read(KEY)).revision is None


async def test_of_parallel_writes_of_one_revision_exactly_one_succeeds(side: Side) -> None:
    """Twenty replacements of one revision."""
    stored = await side.people.write(Person(account=KEY), None)
    told = await asyncio.gather(
        *(side.people.write(replace(stored.person, language=str(n)), stored.revision) for n in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Conflict) for result in told) == 19


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("fault", "error", "applied"),
    [
        (Fault.APPLIED_THEN_CONFLICT, Conflict, True),
        (Fault.APPLIED_THEN_LOST, StoreLost, True),
        (Fault.LOST, StoreLost, False),
    ],
)
async def test_a_write_with_a_lost_response_raises(
    side: Side, fault: Fault, error: type[Exception], applied: bool, first: bool
) -> None:
    """For insert and replace. The caller must read again, because the write may have been applied or not."""
    before = Person(account=KEY)
    revision = None if first else (await side.people.write(before, None)).revision
    side.faults.append(fault)
    with pytest.raises(error):
        await side.people.write(replace(before, language="fr"), revision)
    assert ((await side.people.read(KEY)).person.language == "fr") is applied


@pytest.mark.short_pages
async def test_a_row_is_found_by_the_first_characters_of_its_key(side: Side) -> None:
    """With its revision, and no other row. Delivery reports carry only part of the key."""
    keys = [AccountKey(key) for key in ("abc", "abcd", "abcz7", "abd", "ab", "zz")]
    for key in keys:
        await side.people.write(Person(account=key), None)
    found = await side.people.beginning_with("abc")
    assert [stored.person.account for stored in found] == ["abc", "abcd", "abcz7"]
    await side.people.write(replace(found[0].person, language="fr"), found[0].revision)
    assert await side.people.beginning_with("nobody") == ()
    for after, most, following in (("", 2, ["ab", "abc"]), ("abc", 9, ["abcd", "abcz7", "abd", "zz"]), ("zz", 1, [])):
        assert [stored.person.account for stored in await side.people.following(after, most)] == following


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"], indirect=True)
class TestTheTable:
    """Tests that apply only to the real adapter."""

    @pytest.mark.parametrize("fault", [Fault.LOST, Fault.APPLIED_THEN_LOST])
    async def test_a_failed_conditional_write_is_not_retried(self, side: Side, fault: Fault) -> None:
        """A retry by the SDK would report a conflict with the first attempt (rule 4)."""
        assert side.transport is not None
        side.faults.append(fault)
        with pytest.raises(StoreLost):
            await side.people.write(Person(account=KEY), None)
        assert side.transport.requests.total() == 1

    async def test_reading_a_missing_row_costs_the_same_as_an_existing_one(self, side: Side) -> None:
        """One request with the same status.

        A 404 raised as an exception is slower, which timing would reveal (rule 16).
        """
        assert side.transport is not None
        await side.people.write(Person(account=KEY), None)
        side.transport.statuses.clear()
        await side.people.read(KEY)
        await side.people.read(AccountKey("nobody"))
        assert side.transport.statuses == [200, 200]

    async def test_reading_from_an_unavailable_store_raises(self, side: Side) -> None:
        """StoreLost, after the retries that a read is allowed."""
        assert side.transport is not None
        side.transport.is_lost = True
        with pytest.raises(StoreLost):
            await side.people.read(KEY)

    async def test_rows_of_unknown_names_and_registered_people_have_the_same_size(self, side: Side) -> None:
        """They are padded, also after many deliveries, so that neither time nor traffic tells them apart."""
        attempts = tuple(
            an_attempt(id=an_attempt_id(verification=f"{n:022}"), nonce=f"{n:022}") for n in range(MAX_ATTEMPTS)
        )
        decoys = tuple(a_sent_code(id=a_code_id(verification=f"{n:022}"), nonce=f"{n:022}") for n in range(MAX_DECOYS))
        registered = a_person("registered", email=EMAIL, mobile_phone=PHONE)
        bodies = []
        for person in (
            Person(account=KEY),
            registered,
            Person(account=AccountKey("asked"), attempts=attempts, decoys=decoys),
            replace(registered, account=AccountKey("both"), attempts=attempts, sent_codes=decoys),
        ):
            await side.people.write(person, None)
            row = await side.people.table.read(person.account, "person")
            bodies.append(len(row.values["body"]))
        assert bodies == [LEAST] * 4

    async def test_a_row_with_the_maximum_of_entries_can_be_written(self, side: Side) -> None:
        """As many attempts and sent codes as a row may have. Otherwise a stranger could make a row unwritable."""
        account, instant = AccountKey("a" * 52), at(minutes=16, microseconds=1)
        address = "a" * 64 + "@" + "b" * 180 + ".example"
        person = a_person(account, email=address, mobile_phone=PHONE)
        evidence, name = person.methods[0].sealed.evidence, "authenticator_app"
        attempts = tuple(
            an_attempt(
                id=an_attempt_id(verification=f"{n:022}", method=name),
                passed=evidence, nonce=f"{n:022}", tries=10, leaves_at=instant,
            )
            for n in range(MAX_ATTEMPTS)
        )  # fmt: skip
        sent_codes = tuple(
            a_sent_code(
                id=a_code_id(verification=f"{n:022}", method="mobile_phone", channel="sms"),
                destination=evidence.destination, nonce=f"{n:022}", leaves_at=instant, claimed_at=instant,
            )
            for n in range(MAX_SENT_CODES)
        )  # fmt: skip
        full = replace(person, attempts=attempts, sent_codes=sent_codes, ring=tuple(f"{n:022}" for n in range(32)))
        await side.people.write(full, None)
        row = await side.people.table.read(account, "person")
        assert len(row.values["body"]) <= ROW_LIMIT
