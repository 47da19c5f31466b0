"""Polls one queue for one function with the storage extension's rules: leases, retries, the poison queue."""

import asyncio
import base64
import json
import logging
from contextlib import suppress
from typing import Any

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from local.host.calling import Datum, Invoker
from local.host.loading import LoadedFunction
from local.host.queue_clients import QueueClients, send_creating
from local.host.settings import QueueSettings

FIRST_POLL = 0.1
POISON = "-poison"
logger = logging.getLogger("host")


class QueueTrigger:
    """The listener of one queue-triggered function in this instance."""

    def __init__(
        self, function: LoadedFunction, clients: QueueClients, invoker: Invoker, settings: QueueSettings
    ) -> None:
        self._function = function
        self._invoker = invoker
        self._settings = settings
        name = str(function.trigger.settings["queueName"])
        self._queue: QueueClient = clients.queue(name)
        # A poison queue has no poison queue of its own: a message that fails there is tried again until it expires.
        self._poison = None if name.endswith(POISON) else clients.queue(name + POISON)
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Poll until the host stops, then wait for running functions."""
        pause = FIRST_POLL
        while not stopping.is_set():
            found = await self._fetch() if len(self._running) <= self._settings.new_batch_threshold else []
            for message in found:
                task = asyncio.create_task(self._handle(message))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            pause = FIRST_POLL if found else min(pause * 2, self._settings.max_poll)
            if self._running:
                pause = FIRST_POLL
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), pause)
        if self._running:
            await asyncio.wait(self._running)

    async def _fetch(self) -> list[QueueMessage]:
        try:
            pages = self._queue.receive_messages(
                messages_per_page=self._settings.batch_size,
                max_messages=self._settings.batch_size,
                visibility_timeout=round(self._settings.lease),
            )
            async for page in pages.by_page():
                return [message async for message in page]
        except ResourceNotFoundError:
            pass  # the queue does not exist; the first sender creates it
        except AzureError as error:
            logger.warning("queue poll failed: %s", type(error).__name__, extra={"function": self._function.name})
        return []

    async def _handle(self, message: QueueMessage) -> None:
        renewal = asyncio.create_task(self._renew(message))
        try:
            succeeded = await self._invoke(message)
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal
        try:
            await self._settle(message, succeeded=succeeded)
        # The lease was lost to another instance, or the store is not available: the message will be tried
        # again.
        except AzureError as error:
            logger.warning("queue message not settled: %s", type(error).__name__)

    async def _invoke(self, message: QueueMessage) -> bool | None:
        """Return whether the function succeeded; None if the message must not be tried (again)."""
        if (message.dequeue_count or 0) > self._settings.max_dequeue_count and self._poison is not None:
            return None  # the host was killed while running it
        try:
            raw = base64.b64decode(str(message.content), validate=True)
        except ValueError:
            logger.error("queue message is not base64", extra={"function": self._function.name})  # noqa: TRY400
            return None
        try:
            datum = Datum(raw.decode(), "string")
            await self._invoker.call(self._function, datum, _metadata(message, datum))
        except Exception:
            logger.exception("function failed")
            return False
        return True

    async def _settle(self, message: QueueMessage, *, succeeded: bool | None) -> None:
        if succeeded:
            await self._queue.delete_message(message.id, message.pop_receipt)
            return
        exhausted = succeeded is None or (message.dequeue_count or 0) >= self._settings.max_dequeue_count
        if exhausted and self._poison is not None:
            await send_creating(self._poison, str(message.content))
            await self._queue.delete_message(message.id, message.pop_receipt)
            logger.error("queue message poisoned", extra={"function": self._function.name})
            return
        await self._queue.update_message(
            message.id, pop_receipt=message.pop_receipt, visibility_timeout=round(self._settings.retry_after)
        )

    async def _renew(self, message: QueueMessage) -> None:
        """Renew the lease while the function runs.

        If this process dies, the message becomes visible again after the lease.
        """
        while True:
            await asyncio.sleep(self._settings.lease / 2)
            with suppress(AzureError):
                renewed = await self._queue.update_message(
                    message.id, pop_receipt=message.pop_receipt, visibility_timeout=round(self._settings.lease)
                )
                message.pop_receipt = renewed.pop_receipt


def _metadata(message: QueueMessage, datum: Any) -> dict[str, Any]:
    """Return the trigger metadata. The message's top-level keys overwrite it, as in the real host.

    This behaviour of the platform is surprising. It is reproduced so that a payload with an `id` or a `dequeueCount`
    fails locally first.
    """
    metadata = {
        "Id": Datum(message.id, "string"),
        "PopReceipt": Datum(message.pop_receipt, "string"),
        "DequeueCount": Datum(message.dequeue_count or 0, "int"),
        "InsertionTime": Datum(_instant(message.inserted_on), "string"),
        "ExpirationTime": Datum(_instant(message.expires_on), "string"),
        "NextVisibleTime": Datum(_instant(message.next_visible_on), "string"),
    }
    try:
        body = json.loads(datum.value)
    except ValueError:
        return metadata
    if isinstance(body, dict):
        names = {name.lower(): name for name in metadata}
        for key, value in body.items():
            if key.lower() in names:
                text = value if isinstance(value, str) else json.dumps(value)
                metadata[names[key.lower()]] = Datum(text, "string")
    return metadata


def _instant(moment: Any) -> str | None:
    return None if moment is None else str(moment.strftime("%Y-%m-%dT%H:%M:%S+00:00"))
