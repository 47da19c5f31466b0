"""A server on a real socket that follows a test's script for each connection."""

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

from azure.core.rest import HttpRequest

from shared.adapters.azure_tables._transport import LeanTransport

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


class Peer:
    """The server's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: "Server") -> None:
        self.reader = reader
        self.writer = writer
        self.server = server

    async def hear(self) -> bytes:
        """Read one whole request."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        request = head + (await self.reader.readexactly(int(length[0])) if length else b"")
        self.server.requests.append(request)
        return request

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, data: bytes = OK) -> None:
        await self.hear()
        await self.say(data)

    def hang_up(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        """Close with an RST, as a front end that loses its state does."""
        self.writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def until_closed(self) -> None:
        """Wait for the other side to close."""
        assert await self.reader.read() == b""


Script = Callable[[Peer], Awaitable[None]]


async def obliging(peer: Peer) -> None:
    """Answer until the client closes the connection."""
    while True:
        await peer.answer()


async def never_answers(peer: Peer) -> None:
    await peer.hear()
    await peer.until_closed()


class Server:
    """Counts connections and stores requests.

    The n-th connection runs the n-th script; later ones run the last script.
    """

    def __init__(self, scripts: tuple[Script, ...]) -> None:
        self.scripts = scripts
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self.requests: list[bytes] = []
        self.errors: list[BaseException] = []
        self.port = 0
        self.scheme = "http"

    def url(self, path: str = "/table", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self.scripts[min(self.connections, len(self.scripts) - 1)]
        self.connections += 1
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            await script(Peer(reader, writer, self))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client may already have closed the connection
        except AssertionError as error:
            self.errors.append(error)
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def serve(*scripts: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(scripts or (obliging,))
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(server(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    server.scheme = "https" if tls else "http"
    try:
        yield server
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listener.wait_closed()
        await asyncio.sleep(0)
    assert not server.errors, server.errors


@asynccontextmanager
async def transport(**options: Any) -> AsyncIterator[LeanTransport]:
    made = LeanTransport(**{"connection_timeout": 2.0, "read_timeout": 2.0} | options)
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def between(*scripts: Script, **options: Any) -> AsyncIterator[tuple[LeanTransport, Server]]:
    async with serve(*scripts) as server, transport(**options) as made:
        yield made, server


async def get(made: LeanTransport, server: Server, **options: Any) -> bytes:
    response = await made.send(HttpRequest("GET", server.url()), **options)
    return response.content


def saying(data: bytes) -> Script:
    async def script(peer: Peer) -> None:
        await peer.answer(data)
        await peer.until_closed()

    return script
