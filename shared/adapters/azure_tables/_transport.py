"""Transport of the table SDK over asyncio and h11 instead of aiohttp (docs/decisions/0006).

Importing aiohttp takes about as long as everything else that a first request needs. The SDK supports custom transports.
This one implements the part of HTTP/1.1 that tables need. It does not support proxies, client certificates, redirects,
streaming or compression.
"""

import asyncio
import ssl
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from yarl import URL

from shared.adapters.azure_tables._connection import Question
from shared.adapters.azure_tables._pool import Origin, Pool
from shared.adapters.azure_tables._response import WholeResponse

PORTS: Final = {"http": 80, "https": 443}
OURS: Final = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})
"""Headers that only the transport may set. Two different lengths in one request allow request smuggling."""

BODILESS: Final = frozenset({"GET", "HEAD", "DELETE"})
NOT_DONE: Final = ("proxy", "proxies", "connection_cert")


class LeanTransport(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """Keeps connections alive within one event loop; in another event loop, it opens new ones.

    Args:
        connection_timeout: seconds to connect, and also seconds to wait for a free connection.
        read_timeout: seconds for a complete response.
        tls: creates the TLS context for the first HTTPS request. Loading the certificate authorities takes time that
            the local stack does not need. The default verifies certificates and host names.
    """

    def __init__(
        self,
        *,
        connection_timeout: float,
        read_timeout: float,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._connection_timeout = connection_timeout
        self._read_timeout = read_timeout
        self._new_tls = tls
        self._pool: Pool | None = None
        self._is_closed = False

    async def send(self, request: HttpRequest, **options: Any) -> AsyncHttpResponse:
        """Send the request and return the complete response, whatever its status.

        Raises:
            ServiceRequestError: nothing was sent.
            ServiceRequestTimeoutError: no connection within the timeout; nothing was sent.
            ServiceResponseError: the request was sent, but no complete response arrived.
            ServiceResponseTimeoutError: no complete response arrived within the timeout.
        """
        if any(options.get(name) for name in NOT_DONE) or options.get("connection_verify", True) is not True:
            raise ValueError("this transport takes no proxy, no client certificate and no other trust")
        origin, question = _question(request)
        answer = await self._pool_of_this_loop().ask(
            origin,
            question,
            connect_seconds=options.get("connection_timeout", self._connection_timeout),
            answer_seconds=options.get("read_timeout", self._read_timeout),
        )
        return WholeResponse(request, answer)

    async def open(self) -> None:
        """Do nothing: connections are opened when they are needed."""

    async def close(self) -> None:
        """Close every connection. A closed transport cannot be opened again."""
        self._is_closed = True
        if self._pool is not None and self._pool.loop is asyncio.get_running_loop():
            await self._pool.close()
        self._pool = None

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _pool_of_this_loop(self) -> Pool:
        if self._is_closed:
            raise ValueError("this transport has been closed")
        if self._pool is None or self._pool.loop is not asyncio.get_running_loop():
            self._pool = Pool(lambda: self._tls)
        return self._pool

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._new_tls()


def _question(request: HttpRequest) -> tuple[Origin, Question]:
    address = urlsplit(request.url)
    if address.scheme not in PORTS or not address.hostname or address.username:
        raise ValueError("not an address of a store")
    body = request.content or b""
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes):
        raise TypeError("a body that is not whole")
    headers = [
        ("Host", address.netloc),
        ("Accept-Encoding", "identity"),
        *((name, value) for name, value in request.headers.items() if name.lower() not in OURS),
    ]
    if body or request.method not in BODILESS:
        headers.append(("Content-Length", str(len(body))))
    origin = Origin(address.scheme == "https", address.hostname, address.port or PORTS[address.scheme])
    # The SDK signs the path as yarl spells it, and the store verifies the path that it receives. Both must be the same.
    target = (str(URL(address.path)) or "/") + (f"?{address.query}" if address.query else "")
    return origin, Question(request.method, target, headers, body)
