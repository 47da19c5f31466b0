"""PromisedNotices: sends a queue message that stays invisible for a while (rule 11, D7a)."""

import asyncio
import importlib
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from shared.domain.account import AccountKey
from shared.domain.trail import NoticeOrder
from shared.ports.promised_notices import SOON
from shared.ports.store import StoreLost
from shared.validation.records import encode_order

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.pipeline.transport import AsyncHttpTransport
    from azure.storage.queue.aio import QueueClient

KEPT_SECONDS: Final = 24 * 3600


class QueuePromisedNotices:
    """Uses the queue SDK: an output binding cannot delay a message, and writes it only after the function succeeded.

    The SDK is imported on first use, in a thread: the import takes longer than that of the rest of the service, and
    other requests continue meanwhile.
    """

    def __init__(
        self,
        connection: str | None,
        account_url: str,
        queue: str,
        credential: "Callable[[], AsyncTokenCredential]",
        transport: "AsyncHttpTransport[Any, Any]",
    ) -> None:
        self._connection = connection
        self._account_url = account_url
        self._queue = queue
        self._credential = credential
        self._transport = transport
        self._client: QueueClient | None = None

    async def promise(self, account: AccountKey, *, delay: timedelta = SOON) -> None:
        client = self._client = self._client or await self._connected()
        from azure.core.exceptions import AzureError

        try:
            await client.send_message(
                encode_order(NoticeOrder(account=account)),
                visibility_timeout=int(delay.total_seconds()),
                time_to_live=KEPT_SECONDS,
            )
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
            return QueueClient.from_connection_string(self._connection, self._queue, **options)
        return QueueClient(self._account_url, self._queue, credential=self._credential(), **options)
