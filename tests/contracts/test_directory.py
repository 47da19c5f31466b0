"""Directory (and AccountRegister): reads by name or id, writes by id and only if the account has not changed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.directories.embedded import EmbeddedDirectory
from shared.domain.account import DirectoryEntry, ObjectId
from shared.ports.account_register import NameTaken
from shared.ports.directory import AccountChanged, DirectoryUnknown
from tests.contracts.store import UnreliableTransport, a_table
from tests.fakes.clock import FixedClock
from tests.fakes.directory import MemoryDirectory
from tests.fakes.hasher import CountingHasher
from tests.fakes.keys import a_keyring
from tests.fakes.people import Fault

FIRST, SECOND = "the first password it had", "the second password it got"


@dataclass
class Side:
    """The directory under test, and a count of the hashes it has computed."""

    directory: Any
    counter: Any
    transport: UnreliableTransport | None = None

    async def account(self, name: str = "ada", *, roles: frozenset[str] = frozenset()) -> DirectoryEntry:
        created: DirectoryEntry = await self.directory.create(name, FIRST, roles=roles)
        found = await self.directory.find(created.object_id)
        assert found is not None
        return found


@pytest.fixture
async def side(kind: str, clock: FixedClock, request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    if kind == "memory":
        memory = MemoryDirectory(clock)
        yield Side(memory, memory)
        return
    transport, hasher = UnreliableTransport(), CountingHasher()
    async with a_table(request.getfixturevalue("storage"), transport=transport) as table:
        yield Side(EmbeddedDirectory(table, hasher, a_keyring(), clock), hasher, transport)


@pytest.mark.parametrize("name", ["ada", "Ada", " ADA "])
async def test_the_right_password_signs_in_under_every_spelling_of_the_name(side: Side, name: str) -> None:
    """The canonical form of the name decides."""
    account = await side.account()
    assert await side.directory.authenticate(name, FIRST) == account
    assert await side.directory.authenticate(name, SECOND) is None


@pytest.mark.parametrize(
    ("name", "password"),
    [("ada", SECOND), ("nobody", FIRST), ("disabled", FIRST)],
    ids=["wrong password", "unknown name", "disabled account"],
)
async def test_every_failed_sign_in_costs_one_hash(side: Side, name: str, password: str) -> None:
    """The answer is None in each case, so that neither answer nor time tells them apart (A-02)."""
    await side.account()
    await side.account("disabled")
    await side.directory.set_enabled("disabled", enabled=False)
    before = side.counter.hashes
    assert await side.directory.authenticate(name, password) is None
    assert side.counter.hashes - before == 1


async def test_a_name_resolves_to_its_account_even_if_it_is_disabled(side: Side) -> None:
    """Prefill must find people before their first day. An unknown name is None, and costs no hash."""
    account = await side.account()
    await side.directory.set_enabled("ada", enabled=False)
    hashes = side.counter.hashes
    found = await side.directory.resolve("ada")
    assert found is not None
    assert (found.object_id, found.enabled) == (account.object_id, False)
    assert await side.directory.resolve("nobody") is None
    assert side.counter.hashes == hashes


async def test_an_account_is_found_by_its_immutable_id(side: Side) -> None:
    """With its names, roles and the time of its password. An unknown id is None."""
    account = await side.account(roles=frozenset({"administrator"}))
    assert account.names == ("ada",)
    assert account.is_privileged
    assert await side.directory.find(ObjectId("none")) is None


async def test_creating_a_second_account_with_the_same_name_is_refused(side: Side) -> None:
    """The first account is unchanged."""
    account = await side.account()
    with pytest.raises(NameTaken):
        await side.directory.create("ADA", SECOND, roles=frozenset())
    assert await side.directory.authenticate("ada", FIRST) == account


async def test_setting_a_password_replaces_the_old_one(side: Side, clock: FixedClock) -> None:
    """The old one no longer signs in, the new one does, and the time of the change is stored."""
    account = await side.account()
    clock.move(minutes=1)
    await side.directory.set_password(account, SECOND)
    assert await side.directory.authenticate("ada", FIRST) is None
    found = await side.directory.authenticate("ada", SECOND)
    assert found.password_changed_at - account.password_changed_at == timedelta(minutes=1)


async def test_setting_a_password_on_a_changed_account_is_refused(side: Side) -> None:
    """The account was disabled, or got another password, since it was read. Nothing is written."""
    account = await side.account()
    await side.directory.set_enabled("ada", enabled=False)
    with pytest.raises(AccountChanged):
        await side.directory.set_password(account, SECOND)
    await side.directory.set_enabled("ada", enabled=True)
    assert await side.directory.authenticate("ada", FIRST)
    with pytest.raises(AccountChanged):
        await side.directory.set_password(replace(account, object_id=ObjectId("gone")), SECOND)


async def test_of_parallel_password_changes_exactly_one_succeeds(side: Side) -> None:
    """Ten at once after one read: one succeeds, nine are refused, and the successful one signs in."""
    account = await side.account()
    passwords = [f"{SECOND} number {n}" for n in range(10)]
    told = await asyncio.gather(
        *(side.directory.set_password(account, password) for password in passwords), return_exceptions=True
    )
    assert sum(isinstance(result, AccountChanged) for result in told) == 9
    assert await side.directory.authenticate("ada", passwords[told.index(None)])


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["azure"], indirect=True)
class TestTheEmbeddedDirectory:
    """Tests that apply only to the real adapter."""

    @pytest.mark.parametrize("fault", [Fault.APPLIED_THEN_CONFLICT, Fault.APPLIED_THEN_LOST])
    async def test_a_conflict_with_its_own_applied_password_write_is_a_success(self, side: Side, fault: Fault) -> None:
        """The hash on the row is the one just written, so the write was applied."""
        assert side.transport is not None
        account = await side.account()
        side.transport.faults.append(fault)
        await side.directory.set_password(account, SECOND)
        assert await side.directory.authenticate("ada", SECOND)

    async def test_a_password_write_without_a_response_is_unknown(self, side: Side) -> None:
        """It may still arrive, so it is neither a success nor a failure (rule 11)."""
        assert side.transport is not None
        account = await side.account()
        side.transport.faults.append(Fault.LOST)
        with pytest.raises(DirectoryUnknown):
            await side.directory.set_password(account, SECOND)

    @pytest.mark.parametrize("name", ["", "a/b", "a\\b#?", "a'b or 1 eq 1", "\x00", "x" * 400, "\ud800"])
    async def test_no_text_that_a_person_types_reaches_a_row_key(self, side: Side, name: str) -> None:
        """Slashes, quotes, NUL, a lone surrogate: treated like any unknown name, for one hash."""
        before = side.counter.hashes
        assert await side.directory.authenticate(name, FIRST) is None
        assert side.counter.hashes - before == 1

    async def test_signing_in_costs_two_reads_for_known_and_unknown_names(self, side: Side) -> None:
        """The number of requests must not tell them apart."""
        assert side.transport is not None
        await side.account()
        costs = []
        for name in ("ada", "nobody"):
            side.transport.requests.clear()
            await side.directory.authenticate(name, SECOND)
            costs.append(dict(side.transport.requests))
        assert costs[0] == costs[1] == {"GET": 2}

    async def test_no_password_is_stored_in_clear(self, side: Side) -> None:
        """Argon2id with a versioned pepper; the same password twice gives two different hashes."""
        for name in ("ada", "bob"):
            await side.account(name)
        rows = [row.values async for row in side.directory.table.query("RowKey eq @r", {"r": "account"})]
        hashes = {row["password"] for row in rows}
        assert len(hashes) == 2
        assert all(stored.startswith("1$$argon2id$") for stored in hashes)
        assert FIRST not in str(rows)
