"""The strict store: Azurite's tables and queues, behind proxies with the rules of the real services."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from local.strict_store.pages import Pages
from local.strict_store.proxy import Proxy
from local.strict_store.queues import QueueRules
from local.strict_store.tables import TableRules

T = TypeVar("T")


class StrictStore:
    """Proxies to the table and queue ports of one Azurite. `connection` is the connection string of an account."""

    def __init__(self, tables: int, queues: int, *, records: bool = True) -> None:
        self.connection = ""
        self._table_rules, self._queue_rules = TableRules(), QueueRules()
        self.tables = Proxy(tables, self._table_rules, records=records)
        self.queues = Proxy(queues, self._queue_rules, records=records)

    async def listen(self, tables: int = 0, queues: int = 0) -> None:
        """Accept connections on this loop, at free ports unless they are given."""
        await self.tables.listen(tables)
        await self.queues.listen(queues)

    async def close(self) -> None:
        """Close all connections."""
        await self.tables.close()
        await self.queues.close()

    def cut_pages(self, size: int, *, with_empty: bool) -> None:
        """From now on, return at most `size` items a page, and an empty page before each if `with_empty`."""
        self._table_rules.pages = Pages(size, with_empty)

    def let_deletions_last(self, seconds: float) -> None:
        """Change the time for which a deleted table or queue cannot be made again."""
        self._table_rules.deletions.lasting = self._queue_rules.deletions.lasting = seconds


class Background:
    """An event loop in a thread of its own, so that proxies answer while a test blocks."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="strict-store", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run on the loop, wait, and return the result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def close(self) -> None:
        """Stop the loop. What runs on it must have ended."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
