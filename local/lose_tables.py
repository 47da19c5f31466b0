"""Deletes every table of the running local stack, to rehearse a restore (docs/restore.md): `./sesame lose-tables`.

It refuses a store that is not on this machine.
"""

import asyncio
import sys
from urllib.parse import urlsplit

from local.stack.ports import LOOPBACK
from shared.wiring import Adapters, service


def main() -> int:
    """Delete the tables."""
    adapters = service().adapters
    if urlsplit(adapters.table_service.url).hostname != LOOPBACK:
        print("This is not the store of the local stack.", file=sys.stderr)
        return 1
    print("Deleted:", *asyncio.run(_delete(adapters)))
    return 0


async def _delete(adapters: Adapters) -> list[str]:
    try:
        names = [table.name async for table in adapters.table_service.list_tables()]
        for name in names:
            await adapters.table_service.delete_table(name)
    finally:
        await adapters.close()
    return names


if __name__ == "__main__":
    sys.exit(main())
