"""PromisedNotices: a queue message that stays invisible for a while (rule 11, D7a)."""

from typing import Any, Final

from shared.domain.account import AccountKey
from shared.domain.message import NoticeOrder
from shared.ports.people import StoreLost
from shared.validation.orders import encode_order

DELAY_SECONDS: Final = 20
"""Longer than a directory may take to answer, and short enough that every notice arrives within a minute (N63B 4.6)."""

KEPT_SECONDS: Final = 24 * 3600


class QueuePromisedNotices:
    """An output binding cannot delay a message, and writes it only after the function succeeded; so this is the SDK.

    The SDK is imported with the first promise: it costs more than the rest of the service together, and no request
    that a stranger can make needs it.
    """

    def __init__(self, connection: str | None, account_url: str | None, queue: str) -> None:
        self._connection = connection
        self._account_url = account_url
        self._queue = queue
        self._client: object | None = None

    async def promise(self, account: AccountKey) -> None:
        from azure.core.exceptions import AzureError
        from azure.storage.queue import TextBase64EncodePolicy
        from azure.storage.queue.aio import QueueClient

        if not isinstance(self._client, QueueClient):
            options: dict[str, Any] = {
                "message_encode_policy": TextBase64EncodePolicy(),
                "retry_total": 1,
                "initial_backoff": 1,  # the SDK would sleep 15 s first, with a person waiting for the answer
                "increment_base": 0,
                "random_jitter_range": 0,
                "connection_timeout": 3,
                "read_timeout": 10,
            }
            if self._connection is not None:
                self._client = QueueClient.from_connection_string(self._connection, self._queue, **options)
            else:
                from azure.identity.aio import DefaultAzureCredential

                self._client = QueueClient(
                    self._account_url or "", self._queue, credential=DefaultAzureCredential(), **options
                )
        try:
            await self._client.send_message(
                encode_order(NoticeOrder(account=account)),
                visibility_timeout=DELAY_SECONDS,
                time_to_live=KEPT_SECONDS,
            )
        except (AzureError, TimeoutError) as error:
            raise StoreLost from error

    async def close(self) -> None:
        """Close the connection, if there ever was one."""
        from azure.storage.queue.aio import QueueClient

        if isinstance(self._client, QueueClient):
            await self._client.close()
