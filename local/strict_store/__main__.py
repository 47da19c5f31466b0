"""`python -m local.strict_store --tables PORT UPSTREAM --queues PORT UPSTREAM`: the strict store as a process."""

import argparse
import asyncio
import sys

from local.serving import stop_on_signals
from local.strict_store.store import StrictStore
from local.tether import ABOUT, FLAG, tether


async def run(tables: tuple[int, int], queues: tuple[int, int]) -> None:
    """Serve until a signal arrives."""
    stopping = asyncio.Event()
    stop_on_signals(stopping)
    store = StrictStore(tables[1], queues[1], records=False)
    await store.listen(tables[0], queues[0])
    await stopping.wait()
    await store.close()


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m local.strict_store", description="Azurite, as strict as Azure.")
    for name in ("--tables", "--queues"):
        parser.add_argument(name, type=int, nargs=2, required=True, metavar=("PORT", "UPSTREAM"))
    parser.add_argument(FLAG, action="store_true", help=ABOUT)
    options = parser.parse_args()
    if options.tethered:
        tether()
    asyncio.run(run(tuple(options.tables), tuple(options.queues)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
