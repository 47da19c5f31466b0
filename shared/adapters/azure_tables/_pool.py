"""A pool of kept-alive connections: limited in number, granted in the order of requests, closed when idle."""

import asyncio
import re
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from azure.core.exceptions import (
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)

from shared.adapters.azure_tables._connection import Answer, Connection, Question

MOST: Final = 64
"""Maximum number of connections per instance. Beyond it, requests wait for a free connection."""

IDLE_SECONDS: Final = 15.0
"""Maximum idle time in seconds, shorter than the idle timeouts of servers and load balancers."""

_PROMISED: Final = re.compile(r"\btimeout=(\d{1,4})\b")


class Origin(NamedTuple):
    """Scheme, host and port of the server."""

    is_tls: bool
    host: str
    port: int


class Pool:
    """The connections of one event loop."""

    def __init__(self, tls: Callable[[], ssl.SSLContext]) -> None:
        self.loop = asyncio.get_running_loop()
        self._tls = tls
        self._places = asyncio.Semaphore(MOST)  # grants connections in the order of the requests
        self._open: set[Connection] = set()
        self._idle: defaultdict[Origin, dict[Connection, asyncio.TimerHandle]] = defaultdict(dict)
        self._is_closed = False

    async def ask(self, origin: Origin, question: Question, *, connect_seconds: float, answer_seconds: float) -> Answer:
        """Return the response.

        Raises ServiceRequestError if nothing was sent, ServiceResponseError if it may have been.
        """
        async with self._place(connect_seconds):
            kept = self._kept(origin)
            if kept is not None:
                try:
                    return await self._exchange(origin, kept, question, answer_seconds)
                except ServiceResponseError as error:
                    if not _may_ask_again(question, kept, error):
                        raise
            fresh = await self._connect(origin, connect_seconds)
            return await self._exchange(origin, fresh, question, answer_seconds)

    async def close(self) -> None:
        """Close every connection and wait until all are closed."""
        self._is_closed = True
        leaving = [connection.lost for connection in self._open]
        for connection in list(self._open):
            connection.close()
        if leaving:
            await asyncio.wait(leaving)

    @asynccontextmanager
    async def _place(self, seconds: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(seconds):
                await self._places.acquire()
        except TimeoutError as late:
            raise ServiceRequestTimeoutError(f"no free connection within {seconds} s", error=late) from late
        try:
            yield
        finally:
            self._places.release()

    async def _exchange(self, origin: Origin, connection: Connection, question: Question, seconds: float) -> Answer:
        answer = await connection.exchange(question, seconds=seconds)
        if connection.is_free:
            self._idle[origin][connection] = self.loop.call_later(_good_for(answer), connection.close)
        return answer

    def _kept(self, origin: Origin) -> Connection | None:
        idle = self._idle[origin]
        while idle:
            # The most recently used one, so that connections that are not needed reach the idle limit.
            connection, expiry = idle.popitem()
            expiry.cancel()
            if connection.is_free:
                return connection
        return None

    async def _connect(self, origin: Origin, seconds: float) -> Connection:
        try:
            async with asyncio.timeout(seconds):
                _, connection = await self.loop.create_connection(
                    Connection, origin.host, origin.port, ssl=self._tls() if origin.is_tls else None
                )
        except TimeoutError as late:
            raise ServiceRequestTimeoutError(f"no connection within {seconds} s", error=late) from late
        except OSError as error:  # connection refused, unknown host, or an invalid certificate
            raise ServiceRequestError(f"no connection: {error}", error=error) from error
        self._open.add(connection)
        connection.lost.add_done_callback(lambda _: self._forget(origin, connection))
        if self._is_closed:
            connection.close()
        return connection

    def _forget(self, origin: Origin, connection: Connection) -> None:
        self._open.discard(connection)
        expiry = self._idle[origin].pop(connection, None)
        if expiry is not None:
            expiry.cancel()


def _may_ask_again(question: Question, kept: Connection, error: ServiceResponseError) -> bool:
    """Whether a kept connection was closed just as it was used, and the request can be repeated safely.

    The server may have carried out any request other than a GET. The caller then reads the row again (rule 4).
    """
    return question.method == "GET" and not kept.has_heard and not isinstance(error, ServiceResponseTimeoutError)


def _good_for(answer: Answer) -> float:
    """Idle time in seconds. If the server announces its own (Node does), one second less than that."""
    promised = next((_PROMISED.search(value) for name, value in answer.headers if name == "keep-alive"), None)
    return min(IDLE_SECONDS, max(float(promised[1]) - 1, 0.0)) if promised else IDLE_SECONDS
