"""Peppers and costs: an older one still opens and is left behind at the next sign-in; a missing one opens nothing."""

from collections.abc import AsyncIterator

import pytest

from shared.adapters.argon2_hasher import Cost
from shared.adapters.azure_tables._table import Table
from shared.adapters.directories.embedded import ACCOUNT_ROW, EmbeddedDirectory
from tests.contracts.store import UnreliableTransport, a_table
from tests.fakes.clock import FixedClock
from tests.fakes.hasher import CHEAP, CountingHasher
from tests.fakes.keys import a_keyring
from tests.fakes.people import Fault

OLD, BOTH, NEW = (1,), (1, 2), (2,)
PASSWORD = "the first password it had"
DEARER = Cost(memory=16, time=1, lanes=1)


@pytest.mark.parametrize(
    ("made", "held", "cost", "outdated"),
    [
        (OLD, OLD, CHEAP, False),
        (OLD, BOTH, CHEAP, True),
        (BOTH, BOTH, CHEAP, False),
        (OLD, OLD, DEARER, True),
    ],
)
async def test_what_is_outdated(
    made: tuple[int, ...],
    held: tuple[int, ...],
    cost: Cost,
    outdated: bool,
) -> None:
    """An older pepper, or another cost; both verify."""
    stored = await CountingHasher(made).hash(PASSWORD)
    hasher = CountingHasher(held, cost)
    assert hasher.is_outdated(stored) is outdated
    assert await hasher.verify(stored, PASSWORD)


async def test_a_pepper_that_is_gone_lets_nobody_in() -> None:
    """False, like a wrong password; a reset sets another one."""
    stored = await CountingHasher(OLD).hash(PASSWORD)
    assert not await CountingHasher(NEW).verify(stored, PASSWORD)


@pytest.mark.integration
class TestTheEmbeddedDirectory:
    """What a sign-in leaves on the row."""

    @pytest.fixture
    def transport(self) -> UnreliableTransport:
        return UnreliableTransport()

    @pytest.fixture
    async def table(self, storage: str, transport: UnreliableTransport) -> AsyncIterator[Table]:
        async with a_table(storage, transport=transport) as table:
            yield table

    def directory(self, table: Table, hasher: CountingHasher) -> EmbeddedDirectory:
        return EmbeddedDirectory(table, hasher, a_keyring(), FixedClock())  # type: ignore[arg-type]

    async def pepper_of(self, table: Table, directory: EmbeddedDirectory) -> str:
        account = await directory.resolve("ada")
        assert account is not None
        row = await table.read(a_keyring().account_key(account.object_id), ACCOUNT_ROW)
        assert row is not None
        return str(row.values["password"]).partition("$")[0]

    async def test_a_sign_in_brings_the_hash_up_to_date(self, table: Table) -> None:
        """Once; the date of the password stays, and the account as returned may still be written over."""
        created = await self.directory(table, CountingHasher(OLD)).create("ada", PASSWORD, roles=frozenset())
        hasher = CountingHasher(BOTH)
        directory = self.directory(table, hasher)
        account = await directory.authenticate("ada", PASSWORD)
        assert account is not None
        assert await self.pepper_of(table, directory) == "2"
        assert account.password_changed_at == created.password_changed_at
        assert hasher.hashes == 2
        await directory.authenticate("ada", PASSWORD)
        assert hasher.hashes == 3, "the second sign-in costs one hash again"
        assert await self.directory(table, CountingHasher(NEW)).authenticate("ada", PASSWORD) == account
        await directory.set_password(account, "the second password it got")

    async def test_a_wrong_password_changes_nothing(self, table: Table) -> None:
        """And costs one hash, as ever (A-02)."""
        await self.directory(table, CountingHasher(OLD)).create("ada", PASSWORD, roles=frozenset())
        hasher = CountingHasher(BOTH)
        directory = self.directory(table, hasher)
        assert await directory.authenticate("ada", "another") is None
        assert hasher.hashes == 1
        assert await self.pepper_of(table, directory) == "1"

    @pytest.mark.parametrize("fault", [Fault.LOST, Fault.APPLIED_THEN_LOST, Fault.APPLIED_THEN_CONFLICT])
    async def test_a_lost_write_keeps_nobody_out(
        self, table: Table, transport: UnreliableTransport, fault: Fault
    ) -> None:
        """Bringing the hash up to date is a courtesy; the password was right."""
        await self.directory(table, CountingHasher(OLD)).create("ada", PASSWORD, roles=frozenset())
        directory = self.directory(table, CountingHasher(BOTH))
        transport.faults = [fault]
        assert await directory.authenticate("ada", PASSWORD)
        assert await directory.authenticate("ada", PASSWORD)
        assert await self.pepper_of(table, directory) == "2"
