"""AuditLog: append-only, one row per delivery, deleted after a year."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.azure_tables.audit_log import TableAuditLog
from shared.domain.trail import AuditEvent, Tag
from tests.contracts.store import a_table
from tests.fakes.audit_log import MemoryAuditLog
from tests.fakes.clock import MONDAY_MORNING

EVENT = AuditEvent(tag=Tag.RESET_STARTED, at=MONDAY_MORNING, account="a", client_key="c", cause="why")
Count = Callable[[], Any]


@asynccontextmanager
async def a_log(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Any, Count]]:
    """The log, and a function that counts its events."""
    if kind == "memory":
        memory = MemoryAuditLog()

        async def in_memory() -> int:
            return len(memory.events)

        yield memory, in_memory
        return
    async with a_table(request.getfixturevalue("storage")) as table:

        async def in_table() -> int:
            return len([row async for row in table.query("PartitionKey ge @a", {"a": "0"})])

        yield TableAuditLog(table), in_table


async def test_an_audit_event_is_recorded_once_per_delivery(kind: str, request: pytest.FixtureRequest) -> None:
    """The queue can deliver a message several times. Two messages with the same content are two events."""
    async with a_log(kind, request) as (log, count):
        for delivery in ("one", "one", "two", "one"):
            await log.record(EVENT, delivery=delivery)
        assert await count() == 2


async def test_the_purge_deletes_audit_events_older_than_a_year(kind: str, request: pytest.FixtureRequest) -> None:
    """And no other events (R-105)."""
    async with a_log(kind, request) as (log, count):
        for days in (0, 364, 366, 800):
            await log.record(replace(EVENT, at=MONDAY_MORNING - timedelta(days=days)), delivery=f"{days}")
        assert await log.purge(MONDAY_MORNING) == 2
        assert await count() == 2
        assert await log.purge(MONDAY_MORNING) == 0


@pytest.mark.integration
async def test_an_audit_event_is_stored_with_every_field_as_a_column(storage: str) -> None:
    """No field contains a contact, a code or a token."""
    async with a_table(storage) as table:
        await TableAuditLog(table).record(EVENT, delivery="one")
        rows = [row.values async for row in table.query("PartitionKey ge @a", {"a": "0"})]
    assert rows[0]["tag"] == "reset:account:started"
    assert rows[0]["at"] == MONDAY_MORNING
    assert (rows[0]["account"], rows[0]["client_key"], rows[0]["cause"]) == ("a", "c", "why")
