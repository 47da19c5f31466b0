"""One queue, through the SDK: for messages that are delayed, that no output binding may decide about, or to be drained.

Converts the SDK's errors to those of the store port. The SDK is imported on first use, in a thread, so that other
requests continue meanwhile.
"""

import asyncio
import contextlib
import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from shared.ports.store import StoreLost

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.pipeline.transport import AsyncHttpTransport
    from azure.storage.queue import QueueMessage
    from azure.storage.queue.aio import QueueClient

KEPT_SECONDS: Final = 7 * 24 * 3600
"""How long a message stays if the service does not run meanwhile."""


class Queue:
    """Reached with a connection string locally, otherwise with the managed identity."""

    def __init__(
        self,
        name: str,
        connection: str | None,
        account_url: str,
        credential: "Callable[[], AsyncTokenCredential]",
        transport: "AsyncHttpTransport[Any, Any]",
    ) -> None:
        self._name = name
        self._connection = connection
        self._account_url = account_url
        self._credential = credential
        self._transport = transport
        self._client: QueueClient | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether the next call needs no import."""
        return self._client is not None

    async def send(self, text: str, *, delay: int = 0, kept: int = KEPT_SECONDS) -> None:
        """Send a message that appears after `delay` seconds. A missing queue is created. Raises StoreLost."""
        await self._call(
            lambda client: client.send_message(text, visibility_timeout=delay, time_to_live=kept), create=True
        )

    async def receive(self, most: int, *, hidden: int) -> "list[QueueMessage]":
        """Return at most 32 messages as they are in the queue, and hide them for that many seconds. Raises StoreLost.

        A missing queue is empty.
        """

        async def first_page(client: "QueueClient") -> list[Any]:
            pages = client.receive_messages(messages_per_page=most, max_messages=most, visibility_timeout=hidden)
            async for page in pages.by_page():
                return [message async for message in page]
            return []

        return await self._call(first_page) or []

    async def delete(self, message: "QueueMessage") -> None:
        """Delete a message that was received. Raises StoreLost."""
        await self._call(lambda client: client.delete_message(message.id, message.pop_receipt))

    async def _call(self, call: "Callable[[QueueClient], Any]", *, create: bool = False) -> Any:
        client = self._client = self._client or await self._connected()
        from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError

        try:
            try:
                return await call(client)
            except ResourceNotFoundError:  # the queue, or a message that somebody else has deleted
                if not create:
                    return None
                with contextlib.suppress(ResourceExistsError):
                    await client.create_queue()
                return await call(client)
        except (AzureError, TimeoutError) as error:
            raise StoreLost from error

    async def _connected(self) -> "QueueClient":
        await asyncio.to_thread(importlib.import_module, "azure.storage.queue.aio")
        from azure.storage.queue import TextBase64EncodePolicy
        from azure.storage.queue.aio import QueueClient

        options: dict[str, Any] = {
            "message_encode_policy": TextBase64EncodePolicy(),
            "retry_total": 1,
            "initial_backoff": 1,  # the SDK would wait 15 s before a retry, while a person waits for the response
            "increment_base": 0,
            "random_jitter_range": 0,
            "transport": self._transport,
        }
        if self._connection is not None:
            return QueueClient.from_connection_string(self._connection, self._name, **options)
        return QueueClient(self._account_url, self._name, credential=self._credential(), **options)
