"""Connections to the server behind a proxy, which are used again while that is safe."""

import asyncio
import time
from dataclasses import dataclass

from local.strict_store.wire import Answer, Request, read_answer

IDLE_SECONDS = 1.0
"""How long an idle connection may be used again. Azurite closes one after 5 s, and a request that meets the end of its
connection would look as if its answer was lost."""


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    idle_since: float = 0.0

    def is_fresh(self) -> bool:
        ended = self.reader.at_eof() or self.reader.exception() is not None or self.writer.is_closing()
        return not ended and time.monotonic() - self.idle_since < IDLE_SECONDS


class Upstream:
    """The server at a port of this machine. The port may be set later."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[_Connection] = []

    async def send(self, request: Request) -> Answer:
        """Forward a request, once, and return the answer."""
        connection = await self._connection()
        try:
            connection.writer.write(request.as_bytes())
            answer = await read_answer(connection.reader, request.method)
        except BaseException:
            connection.writer.transport.abort()
            raise
        if answer.keeps_connection:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        else:
            connection.writer.transport.abort()
        return answer

    def close(self) -> None:
        """Close the idle connections."""
        for connection in self._idle:
            connection.writer.transport.abort()
        self._idle.clear()

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_fresh():
                return connection
            connection.writer.transport.abort()
        return _Connection(*await asyncio.open_connection("127.0.0.1", self.port))
