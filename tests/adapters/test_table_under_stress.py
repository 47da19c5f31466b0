"""Tables under stress: a read is repeated, a write never, whatever the store answers (rule 4)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import pytest

from local.strict_store.errors import OPERATION_TIMED_OUT, SERVER_BUSY, ServiceError
from local.strict_store.store import StrictStore
from shared.adapters.azure_tables._table import Table
from shared.ports.store import StoreLost
from tests.contracts.store import a_table

pytestmark = pytest.mark.integration

STRESS = [replace(SERVER_BUSY, headers={"Retry-After": "0"}), OPERATION_TIMED_OUT]
WRITES: Mapping[str, Callable[[Table, str], Awaitable[object]]] = {
    "insert": lambda table, _etag: table.insert("p", "new", {"v": 2}),
    "insert_together": lambda table, _etag: table.insert_together("p", [("new", {"v": 2}), ("newer", {"v": 2})]),
    "replace": lambda table, etag: table.replace("p", "r", {"v": 2}, etag),
    "delete": lambda table, etag: table.delete("p", "r", etag),
}


@pytest.mark.parametrize("error", STRESS, ids=lambda error: error.code)
async def test_a_read_survives_two_errors_and_a_third_is_reported(strict: StrictStore, error: ServiceError) -> None:
    """Of one row and of a range."""
    async with a_table(strict.connection) as table:
        await table.insert("p", "r", {"v": 1})
        with strict.tables.answering(error, lambda _request: True, times=2):
            row = await table.read("p", "r")
        assert row is not None
        with strict.tables.answering(error, lambda _request: True, times=2):
            assert len([row async for row in table.query("PartitionKey eq @p", {"p": "p"})]) == 1
        with strict.tables.answering(error, lambda _request: True, times=3), pytest.raises(StoreLost):
            await table.read("p", "r")


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("error", STRESS, ids=lambda error: error.code)
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_a_write_is_sent_once_under_stress(
    strict: StrictStore, write: Callable[[Table, str], Awaitable[object]], error: ServiceError, applied: bool
) -> None:
    """The store may have carried it out: a second one would report a conflict with the first."""
    async with a_table(strict.connection) as table:
        etag = await table.insert("p", "r", {"v": 1})
        with strict.tables.answering(error, lambda _request: True, applied=applied, times=None) as stress:
            with pytest.raises(StoreLost):
                await write(table, etag)
            assert stress.caught == 1
        rows = [row.values["v"] async for row in table.query("PartitionKey eq @p", {"p": "p"})]
        assert (rows != [1]) is applied
