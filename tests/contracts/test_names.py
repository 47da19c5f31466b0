"""Names: which account a keyed name leads to, and that it may move."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.adapters.azure_tables.names import TableNames
from shared.domain.account import AccountKey
from shared.ports.names import Names
from tests.contracts.store import a_table
from tests.fakes.names import MemoryNames

OLD, NEW = AccountKey("old"), AccountKey("new")


@pytest.fixture
async def names(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Names]:
    if kind == "memory":
        yield MemoryNames()
        return
    async with a_table(request.getfixturevalue("storage")) as table:
        yield TableNames(table)


async def test_a_name_that_nobody_has_leads_nowhere(names: Names) -> None:
    """Absence is a value."""
    assert await names.find("name") is None


async def test_a_name_leads_to_the_account_it_was_bound_to_last(names: Names) -> None:
    """Binding again moves it; binding the same changes nothing; other names stay (rule 8)."""
    await names.bind("other", OLD)
    for account in (OLD, OLD, NEW):
        await names.bind("name", account)
        assert await names.find("name") == account
    assert await names.find("other") == OLD


async def test_every_name_of_an_account_can_be_unbound(names: Names) -> None:
    """Also those that nobody could tell any more; other accounts keep theirs, and there may be nothing to do."""
    for name, account in (("one", OLD), ("two", OLD), ("other", NEW)):
        await names.bind(name, account)
    assert await names.unbind(OLD) == 2
    assert [await names.find(name) for name in ("one", "two", "other")] == [None, None, NEW]
    assert await names.unbind(OLD) == 0


async def test_parallel_bindings_end_in_one_of_them(names: Names) -> None:
    """Two sign-ins at once: nobody fails, and the name leads to an account that was resolved."""
    await asyncio.gather(*(names.bind("name", account) for account in (OLD, NEW, OLD, NEW)))
    assert await names.find("name") in {OLD, NEW}
