"""Peppers and hash parameters: an outdated hash verifies and is replaced; a missing pepper verifies nothing."""

from collections.abc import AsyncIterator
from dataclasses import fields

import pytest

from shared.adapters.argon2_hasher import CEILING, Cost
from shared.adapters.azure_tables._table import Table
from shared.adapters.directories.embedded import ACCOUNT_ROW, EmbeddedDirectory
from shared.domain.policy import Policy
from tests.contracts.store import UnreliableTransport, a_table
from tests.fakes.clock import FixedClock
from tests.fakes.hasher import CHEAP, CountingHasher
from tests.fakes.keys import a_keyring
from tests.fakes.people import Fault

OLD, BOTH, NEW = (1,), (1, 2), (2,)
PASSWORD = "the first password it had"
DEARER, QUICKER, WIDER = Cost(memory=16, time=1, lanes=1), Cost(memory=8, time=2, lanes=1), Cost(16, 1, 2)


@pytest.mark.parametrize(
    ("made", "held", "cost", "outdated"),
    [
        (OLD, OLD, CHEAP, False),
        (OLD, BOTH, CHEAP, True),
        (BOTH, BOTH, CHEAP, False),
        (OLD, OLD, DEARER, True),
        (OLD, OLD, QUICKER, True),
        (OLD, OLD, WIDER, True),
    ],
)
async def test_a_hash_with_an_old_pepper_or_old_parameters_is_outdated_but_verifies(
    made: tuple[int, ...],
    held: tuple[int, ...],
    cost: Cost,
    outdated: bool,
) -> None:
    """The password still opens the account, and the hash is reported as outdated."""
    stored = await CountingHasher(made).hash(PASSWORD)
    hasher = CountingHasher(held, cost)
    assert hasher.is_outdated(stored) is outdated
    assert await hasher.verify(stored, PASSWORD)


def test_every_hash_that_the_policy_allows_is_verified() -> None:
    """The ceiling for planted hashes is above the bounds of the settings (A-61), and the default is OWASP's."""
    highest = {knob.name: knob.metadata["high"] for knob in fields(Policy) if knob.name.startswith("hash_")}
    assert all(mine <= most for mine, most in zip(Cost.of(Policy(**highest)), CEILING, strict=True))
    assert Cost.of(Policy()) == (47104, 2, 1)


async def test_a_hash_with_a_missing_pepper_never_verifies() -> None:
    """The result is False, as for a wrong password. A reset sets a new hash."""
    stored = await CountingHasher(OLD).hash(PASSWORD)
    assert not await CountingHasher(NEW).verify(stored, PASSWORD)


@pytest.mark.integration
class TestTheEmbeddedDirectory:
    """Return the row as a sign-in leaves it."""

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

    async def test_a_sign_in_replaces_an_outdated_hash_once(self, table: Table) -> None:
        """The date of the password stays, and the returned account can still be written."""
        created = await self.directory(table, CountingHasher(OLD)).create("ada", PASSWORD, roles=frozenset())
        hasher = CountingHasher(BOTH)
        directory = self.directory(table, hasher)
        account = await directory.authenticate("ada", PASSWORD)
        assert account is not None
        assert await self.pepper_of(table, directory) == "2"
        assert account.password_changed_at == created.password_changed_at
        assert account.password_stamp == created.password_stamp
        assert hasher.hashes == 2
        await directory.authenticate("ada", PASSWORD)
        assert hasher.hashes == 3, "the second sign-in costs one hash again"
        assert await self.directory(table, CountingHasher(NEW)).authenticate("ada", PASSWORD) == account
        await directory.set_password(account, "the second password it got")

    async def test_a_wrong_password_does_not_replace_an_outdated_hash(self, table: Table) -> None:
        """It costs one hash, as always, so that timing reveals nothing (A-02)."""
        await self.directory(table, CountingHasher(OLD)).create("ada", PASSWORD, roles=frozenset())
        hasher = CountingHasher(BOTH)
        directory = self.directory(table, hasher)
        assert await directory.authenticate("ada", "another") is None
        assert hasher.hashes == 1
        assert await self.pepper_of(table, directory) == "1"

    @pytest.mark.parametrize("fault", [Fault.LOST, Fault.APPLIED_THEN_LOST, Fault.APPLIED_THEN_CONFLICT])
    async def test_a_sign_in_succeeds_when_replacing_the_hash_fails(
        self, table: Table, transport: UnreliableTransport, fault: Fault
    ) -> None:
        """The password was right, so a lost or conflicting write must not refuse the sign-in."""
        await self.directory(table, CountingHasher(OLD)).create("ada", PASSWORD, roles=frozenset())
        directory = self.directory(table, CountingHasher(BOTH))
        transport.faults = [fault]
        assert await directory.authenticate("ada", PASSWORD)
        assert await directory.authenticate("ada", PASSWORD)
        assert await self.pepper_of(table, directory) == "2"
