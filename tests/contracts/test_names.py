"""Names: the account that a keyed name belongs to, which can change."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.adapters.azure_tables.names import TableNames
from shared.domain.account import AccountKey
from shared.ports.names import KNOWN_ALREADY, Found, Names
from tests.contracts.store import a_table
from tests.fakes.names import MemoryNames

pytestmark = pytest.mark.short_pages

OLD, NEW = AccountKey("old"), AccountKey("new")


@pytest.fixture
async def names(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Names]:
    if kind == "memory":
        yield MemoryNames()
        return
    async with a_table(request.getfixturevalue("storage")) as table:
        yield TableNames(table)


async def account_of(names: Names, name: str) -> AccountKey | None:
    found = await names.find(name)
    return found.account if found else None


async def test_an_unbound_name_has_no_account(names: Names) -> None:
    """The result is None, not an error."""
    assert await names.find("name") is None


async def test_a_name_belongs_to_the_account_it_was_bound_to_last(names: Names) -> None:
    """Binding again moves the name; binding to the same account changes nothing; other names are unchanged (rule 8)."""
    await names.bind("other", OLD)
    for account in (OLD, OLD, NEW):
        await names.bind("name", account)
        assert await account_of(names, "name") == account
    assert await account_of(names, "other") == OLD


async def test_all_names_of_an_account_can_be_removed(names: Names) -> None:
    """Also names that nobody remembers. Other accounts keep theirs, and an account without names is not an error."""
    for name, account in (("one", OLD), ("two", OLD), ("other", NEW)):
        await names.bind(name, account)
    assert await names.unbind(OLD) == 2
    assert [await account_of(names, name) for name in ("one", "two", "other")] == [None, None, NEW]
    assert await names.unbind(OLD) == 0


async def test_one_name_can_be_released(names: Names) -> None:
    """It leads to nobody, its account keeps the others, and it can be bound again. A missing one is no error."""
    for name in ("one", "two"):
        await names.bind(name, OLD)
    for _ in range(2):
        await names.release("one")
        assert [await account_of(names, name) for name in ("one", "two")] == [None, OLD]
    await names.bind("one", NEW)
    assert [await names.unbind(account) for account in (OLD, NEW)] == [1, 1]


async def test_parallel_bindings_of_a_name_end_with_one_of_their_accounts(names: Names) -> None:
    """Two sign-ins at once: neither fails, and the name belongs to an account that was resolved."""
    await asyncio.gather(*(names.bind("name", account) for account in (OLD, NEW, OLD, NEW)))
    assert await account_of(names, "name") in {OLD, NEW}


async def test_the_sixth_client_takes_the_place_of_the_first(names: Names) -> None:
    """Five are known. A name that moves to another account knows nobody, and one that is gone stays gone (rule 10)."""
    await names.bind("name", OLD)
    for client in "abcdef":
        found = await names.find("name")
        assert found is not None
        await names.know("name", found.slot_for(client), client)
    found = await names.find("name")
    assert found is not None
    assert sorted(found.clients.values()) == list("bcdef")
    assert [found.slot_for(client) for client in "fa"] == [KNOWN_ALREADY, 1]
    await names.bind("name", NEW)
    assert await names.find("name") == Found(NEW)
    await names.know("gone", 0, "a")
    assert await names.find("gone") is None
