"""The storage queues that bindings name, through the Azure SDK."""

import base64
import json
from contextlib import suppress
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from local.host.loading import Binding


class QueueClients:
    """One service client, shared by triggers and outputs."""

    def __init__(self, connection: str) -> None:
        # Short timeouts, because the host itself polls and renews leases; the SDK's 300 s would delay a stop. The
        # Python SDK waits 15 s before its first retry; the real host uses the .NET SDK, which waits 0.8 s.
        self._service = QueueServiceClient.from_connection_string(
            connection,
            connection_timeout=5,
            read_timeout=15,
            retry_total=2,
            initial_backoff=1,
            increment_base=1,
            random_jitter_range=0,
        )

    def queue(self, name: str) -> QueueClient:
        """Return the client of a queue."""
        return self._service.get_queue_client(name)

    async def send(self, binding: Binding, datum: Any) -> None:
        """Write the encoded value of an output binding: one message for each text of a JSON list."""
        queue = self.queue(binding.settings["queueName"])
        for content in json.loads(datum.value):
            await send_creating(queue, base64.b64encode(content.encode()).decode())

    async def close(self) -> None:
        """Close every connection."""
        await self._service.close()


async def send_creating(queue: QueueClient, content: str) -> None:
    """Send a message; create the queue first if it is missing."""
    try:
        await queue.send_message(content)
    except ResourceNotFoundError:
        with suppress(ResourceExistsError):  # another instance created it
            await queue.create_queue()
        await queue.send_message(content)
