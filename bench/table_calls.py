"""CPU time of one table call through the Azure SDK, with our settings of its transport and with its defaults.

Both clients take turns in one process with one store, so that other load affects both. Only the CPU time of this
process is measured; the store's is the same for both. Most of it is spent in the SDK.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

from azure.data.tables.aio import TableServiceClient

from bench._store import store
from shared.adapters.azure_tables import ALL_TABLES, PEOPLE
from shared.adapters.azure_tables._table import Table
from shared.adapters.azure_transport import SharedTransport

ROUNDS = 12
CALLS = 100
TOGETHER = 10
ROW = {"body": "x" * 4096}
WARM, ROW_KEY = "warm", "row"


async def main() -> None:
    """Measure and print."""
    with store() as environment:
        connection = environment["SESAME_STORAGE_CONNECTION"]
        ours = SharedTransport()
        services = {
            "defaults": TableServiceClient.from_connection_string(connection),
            "ours": TableServiceClient.from_connection_string(connection, transport=ours),
        }
        for name in ALL_TABLES:
            await services["ours"].create_table_if_not_exists(name)
        tables = {name: Table(service.get_table_client(PEOPLE)) for name, service in services.items()}
        await tables["ours"].insert(WARM, ROW_KEY, ROW)
        print(f"Python {sys.version.split()[0]}, {ROUNDS} rounds of {CALLS} calls each, taking turns; CPU ms per call")
        print(f"{'':32}" + "".join(f"{name:>10}" for name in tables) + f"{'ratio':>10}")
        for what, calls in {"one after the other": _in_turn, f"{TOGETHER} at a time": _together}.items():
            for kind, call in {"read 4 KiB": _read, "insert 4 KiB": _insert}.items():
                spent: dict[str, list[float]] = {name: [] for name in tables}
                for number in range(ROUNDS + 1):  # the first call is a warm-up
                    for name, table in tables.items():
                        began = time.process_time()
                        await calls(call, table, f"{what[0]}-{name}-{number}")
                        spent[name].append((time.process_time() - began) / CALLS * 1000)
                median = {name: statistics.median(each[1:]) for name, each in spent.items()}
                figures = "".join(f"{value:10.2f}" for value in median.values())
                print(f"{kind + ', ' + what:32}{figures}{median['ours'] / median['defaults']:10.2f}")
        for service in services.values():
            await service.close()
        await ours.shut()


Call = Callable[[Table, str, int], Awaitable[object]]


async def _read(table: Table, _run: str, _number: int) -> object:
    return await table.read(WARM, ROW_KEY)


async def _insert(table: Table, run: str, number: int) -> object:
    return await table.insert(run, str(number + 1), ROW)


async def _in_turn(call: Call, table: Table, run: str) -> None:
    for number in range(CALLS):
        await call(table, run, number)


async def _together(call: Call, table: Table, run: str) -> None:
    for first in range(0, CALLS, TOGETHER):
        await asyncio.gather(*(call(table, run, number) for number in range(first, first + TOGETHER)))


if __name__ == "__main__":
    asyncio.run(main())
