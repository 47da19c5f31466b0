"""The HTTP transport of every Azure client of a process: tables, queues, messages and identity.

It is the SDK's own transport, over aiohttp, with settings for this service (docs/decisions/0006).
"""

from typing import Final

from aiohttp import (
    ClientConnectorError,
    ClientHandlerType,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    DummyCookieJar,
    ServerDisconnectedError,
)
from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import AioHttpTransport

CONNECT_SECONDS: Final = 3
READ_SECONDS: Final = 10


class SharedTransport(AioHttpTransport):  # type: ignore[misc]  # the SDK exports it by `__getattr__`
    """One session for all clients. aiohttp keeps an idle connection for 15 s, and opens 100 connections at most.

    The session is made with the first request, because it belongs to the event loop that runs then. `shut` closes it;
    closing a client does not, because the other clients still use it.

    Args:
        use_proxy_settings: whether to use the proxy that the environment names, and netrc. aiohttp looks for both with
            each request, in threads.
    """

    def __init__(self, *, use_proxy_settings: bool = False) -> None:
        super().__init__(
            use_env_settings=use_proxy_settings, connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS
        )
        self.session: ClientSession | None = None
        self._use_proxy_settings = use_proxy_settings

    async def open(self) -> None:
        """Make the session. Apart from `middlewares`, it is the one that the SDK would make."""
        if self.session is None:
            self.session = ClientSession(
                trust_env=self._use_proxy_settings,
                cookie_jar=DummyCookieJar(),
                auto_decompress=False,
                middlewares=(send_writes_once,),
            )
        await super().open()

    async def close(self) -> None:
        """Do nothing: the SDK calls this when one of the clients is closed."""

    async def shut(self) -> None:
        """Close all connections. A later request opens new ones."""
        if self.session is not None:
            await self.session.close()
            self.session = None


async def send_writes_once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Let aiohttp repeat only a GET when the connection is lost before the response.

    It would repeat a PUT and a DELETE too. The server may have carried out the first one, and the second would then
    report a conflict with it (rule 4). The SDK would also take the loss for a request that was never sent.
    """
    try:
        return await handler(request)
    except ClientConnectorError:  # there was no connection, so nothing was sent
        raise
    except (ClientOSError, ServerDisconnectedError) as lost:
        if request.method == "GET":
            raise
        raise ServiceResponseError(lost, error=lost) from lost
