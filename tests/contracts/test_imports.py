"""Imports: each part of a portion is written once, an import exists with all of its portions, and texts may be long."""

from collections.abc import AsyncIterator

import pytest

from shared.adapters.azure_tables.expiring import ExpiringTables
from shared.adapters.azure_tables.imports import TableImports
from shared.ports.imports import Imports
from shared.ports.store import Conflict, StoreLost
from tests.contracts.store import UnreliableTransport, a_service
from tests.fakes.imports import MemoryImports
from tests.fakes.people import Fault

ONE, OTHER = (f"20260302-{letter * 22}" for letter in "ab")
LONG = "x" * 400_000


@pytest.fixture
def transport() -> UnreliableTransport:
    return UnreliableTransport()


@pytest.fixture
async def imports(kind: str, request: pytest.FixtureRequest, transport: UnreliableTransport) -> AsyncIterator[Imports]:
    if kind == "memory":
        yield MemoryImports()
        return
    async with a_service(request.getfixturevalue("storage"), transport) as service:
        yield TableImports(ExpiringTables.of(service).imports)


async def test_an_import_is_read_as_it_was_added(imports: Imports) -> None:
    """Its portions too, in order and whatever their size. Another import is not touched."""
    portions = [f"portion {n}" for n in range(120)] + [LONG, LONG, LONG, LONG, LONG, LONG, LONG, ""]
    await imports.add(ONE, "an import", portions)
    await imports.add(OTHER, "another", [])
    assert (await imports.read(ONE) or ("",))[0] == "an import"
    assert list((await imports.parts(ONE, "rows")).values()) == portions
    assert await imports.part(ONE, "rows", 120) == LONG
    assert (await imports.parts(OTHER, "rows"), await imports.part(ONE, "rows", 999)) == ({}, None)
    for missing in (f"20260302-{'c' * 22}", f"20250101-{'a' * 22}", "../etc", "x' or 'a' eq 'a"):
        assert await imports.read(missing) is None


async def test_every_part_is_written_once_and_a_change_is_conditional(imports: Imports) -> None:
    """Verdicts come with their marks, or not at all."""
    await imports.add(ONE, "an import", ["rows"])
    assert (await imports.settled(ONE), await imports.part(ONE, "done", 0)) == ({}, None)
    await imports.plan(ONE, 0, "a plan")
    await imports.settle(ONE, 0, "verdicts", "marks")
    for again in (imports.plan(ONE, 0, "other"), imports.settle(ONE, 0, "other", "other")):
        with pytest.raises(Conflict):
            await again
    assert (await imports.part(ONE, "plan", 0), await imports.part(ONE, "done", 0)) == ("a plan", "verdicts")
    assert (await imports.settled(ONE), await imports.parts(ONE, "done")) == ({0: "marks"}, {0: "verdicts"})
    _, first = await imports.read(ONE) or ("", "")
    second = await imports.change(ONE, "changed", first)
    with pytest.raises(Conflict):
        await imports.change(ONE, "lost", first)
    await imports.change(ONE, "changed again", second)
    assert (await imports.read(ONE) or ("",))[0] == "changed again"


@pytest.mark.integration
async def test_an_import_that_could_not_be_added_whole_does_not_exist(
    storage: str, transport: UnreliableTransport
) -> None:
    """Its rows may be there, and expire with the others."""
    async with a_service(storage, transport) as service:
        imports = TableImports(ExpiringTables.of(service).imports)
        await imports.add(OTHER, "another", [])
        transport.faults = [Fault.APPLIED_THEN_LOST]
        with pytest.raises(StoreLost):
            await imports.add(ONE, "an import", ["rows"])
        assert await imports.read(ONE) is None
