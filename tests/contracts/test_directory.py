"""Directory (and AccountRegister): reads by name or id, writes by id and only over what was read."""

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
    """The directory under test, and how many hashes it has computed."""

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


async def test_the_right_password_opens_the_account(side: Side) -> None:
    """Under every spelling of the name that is canonically the same."""
    account = await side.account()
    for name in ("ada", "Ada", " ADA "):
        assert await side.directory.authenticate(name, FIRST) == account
    assert await side.directory.authenticate("ada", SECOND) is None


async def test_unknown_wrong_and_disabled_cost_one_hash_each(side: Side) -> None:
    """And get the same answer: nothing (A-02)."""
    await side.account()
    await side.account("disabled")
    await side.directory.set_enabled("disabled", enabled=False)
    for name, password in (("ada", SECOND), ("nobody", FIRST), ("disabled", FIRST)):
        before = side.counter.hashes
        assert await side.directory.authenticate(name, password) is None
        assert side.counter.hashes - before == 1, name


async def test_a_name_resolves_to_its_account_enabled_or_not(side: Side) -> None:
    """Prefill must find people who have not started yet; a name nobody has is None, and costs no hash."""
    account = await side.account()
    await side.directory.set_enabled("ada", enabled=False)
    hashes = side.counter.hashes
    found = await side.directory.resolve("ada")
    assert found is not None
    assert (found.object_id, found.enabled) == (account.object_id, False)
    assert await side.directory.resolve("nobody") is None
    assert side.counter.hashes == hashes


async def test_an_account_is_found_by_its_id(side: Side) -> None:
    """With its names, roles and the time of its password; an id that is gone is None."""
    account = await side.account(roles=frozenset({"administrator"}))
    assert account.names == ("ada",)
    assert account.is_privileged
    assert await side.directory.find(ObjectId("none")) is None


async def test_two_accounts_never_share_a_name(side: Side) -> None:
    """Refused, and the first one is as it was."""
    account = await side.account()
    with pytest.raises(NameTaken):
        await side.directory.create("ADA", SECOND, roles=frozenset())
    assert await side.directory.authenticate("ada", FIRST) == account


async def test_a_password_is_set(side: Side, clock: FixedClock) -> None:
    """The old one no longer opens, the new one does, and the time of the change is known."""
    account = await side.account()
    clock.move(minutes=1)
    await side.directory.set_password(account, SECOND)
    assert await side.directory.authenticate("ada", FIRST) is None
    found = await side.directory.authenticate("ada", SECOND)
    assert found.password_changed_at - account.password_changed_at == timedelta(minutes=1)


async def test_a_write_over_a_changed_account_is_refused(side: Side) -> None:
    """Disabled, or with another password, since it was read: definitely nothing is written."""
    account = await side.account()
    await side.directory.set_enabled("ada", enabled=False)
    with pytest.raises(AccountChanged):
        await side.directory.set_password(account, SECOND)
    await side.directory.set_enabled("ada", enabled=True)
    assert await side.directory.authenticate("ada", FIRST)
    with pytest.raises(AccountChanged):
        await side.directory.set_password(replace(account, object_id=ObjectId("gone")), SECOND)


async def test_of_parallel_passwords_one_is_set(side: Side) -> None:
    """Ten at once over one reading: one is told yes, nine no, and the one signs in."""
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
    """What only the real adapter can get wrong."""

    @pytest.mark.parametrize("fault", [Fault.APPLIED_THEN_CONFLICT, Fault.APPLIED_THEN_LOST])
    async def test_its_own_write_is_known_again(self, side: Side, fault: Fault) -> None:
        """The hash on the row is the one just written: that is a yes."""
        assert side.transport is not None
        account = await side.account()
        side.transport.faults.append(fault)
        await side.directory.set_password(account, SECOND)
        assert await side.directory.authenticate("ada", SECOND)

    async def test_a_write_that_nobody_answered_is_unknown(self, side: Side) -> None:
        """It may still arrive: neither yes nor no (rule 11)."""
        assert side.transport is not None
        account = await side.account()
        side.transport.faults.append(Fault.LOST)
        with pytest.raises(DirectoryUnknown):
            await side.directory.set_password(account, SECOND)

    @pytest.mark.parametrize("name", ["", "a/b", "a\\b#?", "a'b or 1 eq 1", "\x00", "x" * 400, "\ud800"])
    async def test_no_typed_text_reaches_a_key(self, side: Side, name: str) -> None:
        """Slashes, quotes, NUL, a lone surrogate: unknown like any other unknown name, for one hash."""
        before = side.counter.hashes
        assert await side.directory.authenticate(name, FIRST) is None
        assert side.counter.hashes - before == 1

    async def test_known_and_unknown_names_cost_the_same_requests(self, side: Side) -> None:
        """Two reads each."""
        assert side.transport is not None
        await side.account()
        costs = []
        for name in ("ada", "nobody"):
            side.transport.requests.clear()
            await side.directory.authenticate(name, SECOND)
            costs.append(dict(side.transport.requests))
        assert costs[0] == costs[1] == {"GET": 2}

    async def test_no_password_stands_in_the_store(self, side: Side) -> None:
        """Argon2id under a versioned pepper, and the same password twice is two hashes."""
        for name in ("ada", "bob"):
            await side.account(name)
        rows = [row.values async for row in side.directory.table.query("RowKey eq @r", {"r": "account"})]
        hashes = {row["password"] for row in rows}
        assert len(hashes) == 2
        assert all(stored.startswith("1$$argon2id$") for stored in hashes)
        assert FIRST not in str(rows)
