"""The storage queues that bindings name, through the Azure SDK."""

import asyncio
import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from local.host.loading import Binding, IndexingError

DEFAULT_CONNECTION = "AzureWebJobsStorage"


class QueueClients:
    """One service client per connection setting, created on first use and shared by triggers and outputs."""

    def __init__(self, environment: Mapping[str, str], *, encode_base64: bool) -> None:
        self._environment = environment
        self._encode_base64 = encode_base64
        self._services: dict[str, QueueServiceClient] = {}
        self._watchers: dict[str, list[asyncio.Event]] = {}

    def watch(self, queue_name: str, woken: asyncio.Event) -> None:
        """Register an event that is set whenever this host sends to the queue."""
        self._watchers.setdefault(queue_name, []).append(woken)

    def queue(self, binding: Binding, suffix: str = "") -> QueueClient:
        """Return the client of the queue that a binding names."""
        setting = binding.settings.get("connection") or DEFAULT_CONNECTION
        if setting not in self._services:
            connection = self._environment.get(setting)
            if not connection:
                raise IndexingError(f"the connection setting {setting}, used by {binding.name}, is missing")
            # Short timeouts, because the host itself polls and renews leases; the SDK's 300 s would delay a stop. The
            # Python SDK waits 15 s before its first retry; the real host uses the .NET SDK, which waits 0.8 s.
            self._services[setting] = QueueServiceClient.from_connection_string(
                connection,
                connection_timeout=5,
                read_timeout=15,
                retry_total=2,
                initial_backoff=1,
                increment_base=1,
                random_jitter_range=0,
            )
        return self._services[setting].get_queue_client(str(binding.settings["queueName"]) + suffix)

    async def send(self, binding: Binding, datum: Any) -> None:
        """Write the encoded value of an output binding: one message, or one for each item of a JSON list."""
        queue = self.queue(binding)
        for content in _messages(datum):
            await send_creating(queue, self._encoded(content))
        for woken in self._watchers.get(queue.queue_name, []):
            woken.set()

    def _encoded(self, content: str | bytes) -> str:
        raw = content.encode() if isinstance(content, str) else content
        return base64.b64encode(raw).decode() if self._encode_base64 else raw.decode()

    async def close(self) -> None:
        """Close every connection."""
        for service in self._services.values():
            await service.close()


async def send_creating(queue: QueueClient, content: str) -> None:
    """Send a message; create the queue first if it is missing."""
    try:
        await queue.send_message(content)
    except ResourceNotFoundError:
        with suppress(ResourceExistsError):  # another instance created it
            await queue.create_queue()
        await queue.send_message(content)


def _messages(datum: Any) -> list[str | bytes]:
    if isinstance(datum.value, bytes):
        return [datum.value]
    try:
        parsed = json.loads(datum.value)
    except ValueError:
        return [datum.value]
    if not isinstance(parsed, list):
        return [datum.value]
    return [item if isinstance(item, str) else json.dumps(item) for item in parsed]
