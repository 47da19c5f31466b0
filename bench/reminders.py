"""Table calls of one run of the `remind` timer as the number of registrations grows, with one registration due.

The cost must not grow with the number of people (D10): the timer reads only a range of the index of due registrations.
Rows are written with the SDK's batches where they share a partition.
"""

import asyncio
import sys
import time
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any

from azure.data.tables.aio import TableServiceClient

from bench._people import person
from bench._store import store
from shared.adapters.azure_tables import DUE
from shared.adapters.azure_tables.due_index import _partition
from shared.domain.account import AccountKey, ObjectId
from shared.domain.trail import Trail
from shared.usecases.remind import Remind
from tests.integration.in_process import Bench as Instance
from tests.integration.in_process import bench as instance

SIZES = (10, 100, 1_000, 10_000)
AT_ONCE = 32
BATCH = 100
DAYS = 365


async def main() -> int:
    """Measure and print; fail if the number of calls grows."""
    print(f"Python {sys.version.split()[0]}; one registration due")
    print("registrations  table calls  orders     ms   calls by table")
    with store() as environment:
        connection = environment["SESAME_STORAGE_CONNECTION"]
        async with instance(connection) as running:
            there = 0
            counts = set()
            for size in SIZES:
                await _register(running, connection, range(there, size))
                there = size
                running.calls()
                trail = Trail()
                began = time.perf_counter()
                await running.service.use(Remind)(trail)
                spent = (time.perf_counter() - began) * 1000
                calls = running.calls()
                counts.add(calls.total())
                print(f"{size:13,}  {calls.total():11}  {len(trail.orders):6}  {spent:5.0f}   {dict(calls)}")
    print("flat" if len(counts) == 1 else "NOT FLAT")
    return 0 if len(counts) == 1 else 1


async def _register(running: Instance, connection: str, numbers: range) -> None:
    """Return the due date of registration N: yesterday for number 0, a day of the coming year for the others."""
    adapters = running.service.adapters
    today = adapters.clock.now().date()
    entries: dict[str, list[AccountKey]] = defaultdict(list)
    places = asyncio.Semaphore(AT_ONCE)

    async def add(number: int) -> None:
        day = (today + timedelta(days=1 + number % DAYS if number else -1)).strftime("%Y%m%d")
        row = replace(
            person(adapters, ObjectId(f"object-{number}"), {"email": f"p{number}@mail.example"}), reminder_day=day
        )
        entries[_partition(day, row.account)].append(row.account)
        async with places:
            await adapters.people.write(row, None)

    await asyncio.gather(*(add(number) for number in numbers))
    async with TableServiceClient.from_connection_string(connection) as service:
        table = service.get_table_client(DUE)
        for partition, accounts in entries.items():
            for first in range(0, len(accounts), BATCH):
                await table.submit_transaction(
                    [_insert(partition, account) for account in accounts[first : first + BATCH]]
                )


def _insert(partition: str, account: AccountKey) -> tuple[Any, ...]:
    return "create", {"PartitionKey": partition, "RowKey": account}


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
