"""A proxy between the hosts and the services they call. It records every request and can hold one at a chosen moment.

    hold   before   the other side has not received the request
    hold   after    the other side has acted, and the caller has no response
    cut    no connection gets through, as if the network had failed

Tests can thus cause faults at an exact request, without test hooks in the product.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote

from tests.integration.http_wire import RawRequest, read_request, read_response
from tests.processes import AzuriteServer


@dataclass(frozen=True)
class Request:
    """One recorded request, as it was sent."""

    method: str
    target: str
    body: bytes

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0])

    def is_to(self, table_or_queue: str) -> bool:
        """Whether it concerns this table or queue: the second part of the path, after the storage account."""
        name = self.path.split("/")[2] if self.path.count("/") > 1 else ""
        return name.partition("(")[0] == table_or_queue

    @property
    def is_write(self) -> bool:
        return self.method in {"POST", "PUT", "PATCH", "MERGE"}


Wanted = Callable[[Request], bool]


class Moment(StrEnum):
    """When to hold a request."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(eq=False)
class Hold:
    """The first matching request, held. `release` lets it continue; `drop` closes its connection."""

    wanted: Wanted
    moment: Moment
    is_lost: bool = False
    request: Request | None = None
    _caught: threading.Event = field(default_factory=threading.Event)
    _decided: asyncio.Event = field(default_factory=asyncio.Event)
    _dropped: bool = False
    _loop: asyncio.AbstractEventLoop | None = None

    def wait(self, within: float = 20) -> None:
        assert self._caught.wait(within), f"nothing was held {self.moment} its target within {within} s"

    def release(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._decided.set)

    def drop(self) -> None:
        self._dropped = True
        self.release()

    async def stop(self, request: Request) -> bool:
        """Hold the request; return whether it may continue."""
        self.request, self._loop = request, asyncio.get_running_loop()
        self._caught.set()
        if self.is_lost:
            return False
        await self._decided.wait()
        return not self._dropped


class GoBetween:
    """Listens on its own port and forwards everything to `upstream`, which may be set later."""

    def __init__(self, upstream: int = 0) -> None:
        self.upstream = upstream
        self.seen: list[Request] = []
        self._holds: list[Hold] = []
        self._is_cut = False
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="go-between", daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    @contextmanager
    def hold(self, wanted: Wanted, moment: Moment, *, is_lost: bool = False) -> Iterator[Hold]:
        """Hold the first matching request. If it is still held at the end, it is dropped."""
        held = Hold(wanted, moment, is_lost)
        self._holds.append(held)
        try:
            yield held
        finally:
            with suppress(ValueError):
                self._holds.remove(held)
            if held._loop is not None:
                held.drop()

    @contextmanager
    def losing_answer(self, wanted: Wanted) -> Iterator[None]:
        """Let the first matching request be carried out, and lose its response."""
        with self.hold(wanted, Moment.AFTER, is_lost=True) as held:
            yield
            held.wait(0)

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Close every connection, and every new one, until the end of the block."""
        self._is_cut = True
        self._loop.call_soon_threadsafe(self._close_all)
        try:
            yield
        finally:
            self._is_cut = False

    @contextmanager
    def counting(self) -> Iterator[list[Request]]:
        """Collect the requests during the block."""
        start, counted = len(self.seen), list[Request]()
        yield counted
        counted += self.seen[start:]

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        self._close_all()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _close_all(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self._open.add(writer)
        try:
            if not self._is_cut:
                await self._serve(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # one side closed the connection; the other side is closed below
        finally:
            self._serving.discard(task)
            self._open.discard(writer)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (raw := await read_request(reader)) is not None:
            request = Request(raw.method, raw.target, raw.body)
            self.seen.append(request)
            if not await self._held(request, Moment.BEFORE):
                return
            answer = await self._forward(raw)
            if not await self._held(request, Moment.AFTER):
                return
            writer.write(answer)
            await writer.drain()

    async def _forward(self, raw: RawRequest) -> bytes:
        """Open a new connection for each.

        A reused connection that the other side has closed would look like a lost response.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        try:
            writer.write(raw.bytes)
            return await read_response(reader, raw.method)
        finally:
            writer.transport.abort()

    async def _held(self, request: Request, moment: Moment) -> bool:
        for held in self._holds:
            if held.moment is moment and held.request is None and held.wanted(request):
                return await held.stop(request)
        return True


@dataclass(frozen=True)
class StoreBetween:
    """A storage account whose tables and queues are reached through proxies."""

    connection: str
    tables: GoBetween
    queues: GoBetween


@contextmanager
def store_between(server: AzuriteServer) -> Iterator[StoreBetween]:
    """A new account of the store for one stack."""
    tables, queues = GoBetween(server.ports.table), GoBetween(server.ports.queue)
    connection = server.new_account()
    for kind, between in (("Table", tables), ("Queue", queues)):
        straight = f"{kind}Endpoint=http://127.0.0.1:{between.upstream}/"
        connection = connection.replace(straight, f"{kind}Endpoint=http://127.0.0.1:{between.port}/")
    try:
        yield StoreBetween(connection, tables, queues)
    finally:
        tables.close()
        queues.close()
