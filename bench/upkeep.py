"""Table calls of the timers `remind` and `purge`, as the number of people and of other rows grows.

    kept      what is not due yet: people, and as many counters, rows of strangers and audit events
    expired   people with a removed contact that is due, and as many counters, rows of strangers and audit events

The calls must not depend on what is kept (D10). Only removed contacts cost calls for each, because each is on a row
that is kept. At the end, a purge is killed half way and a second one does the rest.

    ./sesame bench upkeep [MOST]    the largest number of rows of each kind, 20,000 if it is not given
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from bench._people import person
from bench._store import store
from shared.adapters.azure_tables._table import Table
from shared.domain.account import ObjectId
from shared.domain.person import RemovedContact
from shared.usecases.purge import Purge
from shared.usecases.remind import Remind
from shared.wiring import Adapters
from tests.integration.in_process import Bench as Instance
from tests.integration.in_process import bench as instance

AT_ONCE: Final = 32
BATCH: Final = 100
YEARS: Final = timedelta(days=800)
PURGE: Final = """
import asyncio
from shared.usecases.purge import Purge
from shared.wiring import service
print(asyncio.run(service().use(Purge)()))
"""


async def main() -> int:
    """Measure and print; fail if a purge leaves something, or if the calls grow with what is kept."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    print(f"Python {sys.version.split()[0]}; rows of each kind, table calls")
    print("   kept  expired   remind    purge   seconds")
    costs = []
    for kept in (most // 100, most // 10, most):
        async with _filled(kept, 100) as (running, _):
            costs.append(await _measure(running, kept, 100))
    for expired in (most // 10, most):
        async with _filled(100, expired) as (running, _):
            await _measure(running, 100, expired)
    async with _filled(100, most) as (running, environment):
        await _killed_half_way(running, most, environment)
    print("flat" if len(set(costs)) == 1 else "NOT FLAT")
    return 0 if len(set(costs)) == 1 else 1


@asynccontextmanager
async def _filled(kept: int, expired: int) -> AsyncIterator[tuple[Instance, dict[str, str]]]:
    with store() as environment:
        keys = {name: value for name, value in environment.items() if name.startswith("SESAME_")}
        async with instance(environment["SESAME_STORAGE_CONNECTION"], "{}", keys) as running:
            await _fill(running.service.adapters, kept, expired)
            yield running, environment


async def _measure(running: Instance, kept: int, expired: int) -> tuple[int, int]:
    running.calls()
    await running.service.use(Remind)()
    remind = running.calls().total()
    began = time.perf_counter()
    while await running.service.use(Purge)():
        pass
    spent, purge = time.perf_counter() - began, running.calls().total()
    print(f"{kept:7,}  {expired:7,}  {remind:7,}  {purge:7,}  {spent:8.1f}", flush=True)
    assert len(running.orders) == 1, "one person is due"
    assert not await _left(running.service.adapters)
    return remind, purge


async def _killed_half_way(running: Instance, expired: int, environment: Mapping[str, str]) -> None:
    adapters = running.service.adapters
    with subprocess.Popen([sys.executable, "-c", PURGE], env={**os.environ, **environment}) as process:
        while (left := await _left(adapters)) > expired // 2:
            await asyncio.sleep(0.5)
        process.send_signal(signal.SIGKILL)
    print(f"killed with {left:,} removed contacts left, at most")
    while await running.service.use(Purge)():
        pass
    print(f"after the next purge: {await _left(adapters):,} left")
    assert not await _left(adapters)


async def _left(adapters: Adapters) -> int:
    """Return how many entries are due, and rows are in expired tables."""
    now = adapters.clock.now()
    due = len([entry async for entry in adapters.forgetting.due(now.date())])
    tables = [tables.at(now - YEARS) for tables in adapters.expiring]
    return due + sum(
        [len([row async for row in table.query("PartitionKey ge @all", {"all": "0"})]) for table in tables]
    )


async def _fill(adapters: Adapters, kept: int, expired: int) -> None:
    now = adapters.clock.now()
    for at, count in ((now, kept), (now - YEARS, expired)):
        for tables in adapters.expiring:
            await insert(tables.at(at), ((f"partition{n // BATCH}", f"row{n}") for n in range(count)))
    remind, forget = adapters.due, adapters.forgetting
    late, early = "20250101", "20990101"
    old, new = await _people(adapters, "old", expired, now), await _people(adapters, "new", kept, None)
    due = [(forget.partition(late, key), key) for key in old] + [(forget.partition(early, key), key) for key in new]
    due += [(remind.partition(early, key), key) for key in new] + [(remind.partition(late, new[0]), new[0])]
    await insert(forget.table, iter(sorted(due)))


async def _people(adapters: Adapters, name: str, count: int, removed_at: datetime | None) -> list[Any]:
    """Write people; with `removed_at`, each has a contact that was removed long before it."""
    places = asyncio.Semaphore(AT_ONCE)
    rows = [person(adapters, ObjectId(f"{name}{n}"), {"email": f"{name}{n}@mail.example"}) for n in range(count)]
    if removed_at:
        gone = [RemovedContact(sealed=row.methods[0].sealed, removed_at=removed_at - YEARS) for row in rows]
        rows = [replace(row, removed=(contact,)) for row, contact in zip(rows, gone, strict=True)]

    async def write(row: Any) -> None:
        async with places:
            await adapters.people.write(row, None)

    await asyncio.gather(*map(write, rows))
    return [row.account for row in rows]


async def insert(table: Table, keys: Iterator[tuple[str, str]]) -> None:
    """Insert rows with the SDK's batches. The keys are sorted by partition."""
    partition, rows = "", list[tuple[str, dict[str, Any]]]()
    for of, row in keys:
        if rows and (of != partition or len(rows) == BATCH):
            await table.insert_together(partition, rows)
            rows = []
        partition = of
        rows.append((row, {}))
    if rows:
        await table.insert_together(partition, rows)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
