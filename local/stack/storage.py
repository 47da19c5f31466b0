"""Creates the tables and queues of the local stack. In Azure the deployment creates them."""

import contextlib

from azure.core.exceptions import ResourceExistsError
from azure.storage.queue.aio import QueueServiceClient

from shared.adapters.azure_tables import ALL_TABLES
from shared.wiring import ALL_QUEUES, Adapters


async def prepare_storage(adapters: Adapters) -> None:
    """Create the missing tables and queues."""
    for name in ALL_TABLES:
        await adapters.table_service.create_table_if_not_exists(name)
    for tables in adapters.expiring:
        await tables.prepare(adapters.clock.now())
    connection, transport = adapters.settings.storage_connection or "", adapters.transport
    async with QueueServiceClient.from_connection_string(connection, transport=transport) as queues:
        for name in ALL_QUEUES:
            with contextlib.suppress(ResourceExistsError):
                await queues.create_queue(name)
