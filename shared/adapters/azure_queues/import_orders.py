"""ImportOrders: one queue, whose messages are the ids of imports."""

from dataclasses import dataclass

from shared.adapters.azure_queues._queue import Queue
from shared.validation.import_orders import encode_import


@dataclass(frozen=True, slots=True)
class QueueImportOrders:
    queue: Queue

    async def send(self, import_id: str) -> None:
        await self.queue.send(encode_import(import_id))
