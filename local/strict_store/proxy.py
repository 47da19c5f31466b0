"""A proxy in front of one server: it forwards requests, applies the rules of a service, and lets tests interfere.

    hold, losing_answer    hold a request before or after the server acted, or lose the answer
    answering              answer as a service under stress, with or without having carried out the request
    cut                    let no connection through, as if the network had failed
    counting, seen         the requests, as they were sent

The methods for tests may be called from any thread.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from local.loopback_only import refusal
from local.strict_store.errors import ServiceError
from local.strict_store.interruptions import LOST, Hold, Interruption, Lost, Moment, Wanted
from local.strict_store.upstream import Upstream
from local.strict_store.wire import Answer, Request, read_request


class Rules(Protocol):
    """What a service does that the server behind the proxy does not."""

    def before(self, request: Request) -> Request | Answer:
        """Return the request to forward, or the answer to a request that is not forwarded."""

    def after(self, request: Request, answer: Answer) -> Answer:
        """Return the answer to the request that was forwarded."""

    def error(self, error: ServiceError) -> Answer:
        """Return an error in the form of this service."""


class Proxy:
    """Forwards everything to `upstream.port`, which may be set later. With `records`, `seen` has every request."""

    def __init__(self, upstream: int = 0, rules: Rules | None = None, *, records: bool = True) -> None:
        self.port = 0
        self.upstream = Upstream(upstream)
        self.seen: list[Request] = []
        self._rules = rules
        self._recorders = [self.seen] if records else []
        self._interruptions: list[Interruption] = []
        self._is_cut = False
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def listen(self, port: int = 0) -> None:
        """Accept connections on this loop, at a free port unless one is given."""
        self._loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Close all connections."""
        if self._server is not None:
            self._server.close()
        self._close_all()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        self.upstream.close()

    @contextmanager
    def hold(self, wanted: Wanted, moment: Moment) -> Iterator[Hold]:
        """Hold the first matching request. If it is still held at the end, it is dropped."""
        held = Hold(wanted, moment)
        try:
            with self._interrupting(held):
                yield held
        finally:
            held.drop()

    def losing_answer(self, wanted: Wanted) -> AbstractContextManager[Interruption]:
        """Let the first matching request be carried out, and lose its answer."""
        return self.answering(LOST, wanted, applied=True)

    @contextmanager
    def answering(
        self, verdict: ServiceError | Lost, wanted: Wanted, *, applied: bool = False, times: int | None = 1
    ) -> Iterator[Interruption]:
        """Answer the first matching requests (or all: None) with an error, as under stress, or not at all.

        With `applied` the request was carried out all the same. Microsoft Learn, "Query timeout and pagination", says
        that a write may have succeeded although an error came back.
        """
        stress = Interruption(wanted, Moment.AFTER if applied else Moment.BEFORE, verdict, times)
        with self._interrupting(stress):
            yield stress
            stress.check()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Close every connection, and every new one, until the end of the block."""
        self._is_cut = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._close_all)
        try:
            yield
        finally:
            self._is_cut = False

    @contextmanager
    def counting(self) -> Iterator[list[Request]]:
        """Collect the requests during the block."""
        counted: list[Request] = []
        self._recorders.append(counted)
        try:
            yield counted
        finally:
            self._recorders = [recorder for recorder in self._recorders if recorder is not counted]

    @contextmanager
    def _interrupting(self, interruption: Interruption) -> Iterator[Interruption]:
        self._interruptions.append(interruption)
        try:
            yield interruption
        finally:
            self._interruptions.remove(interruption)

    def _close_all(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (for mypy: a coroutine always runs in a task)
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
        while (request := await read_request(reader)) is not None:
            for recorder in self._recorders:
                recorder.append(request)
            answer = await self._answer(request)
            if answer is None:
                return
            writer.write(answer.head + answer.body)
            await writer.drain()

    async def _answer(self, request: Request) -> Answer | None:
        """Return the answer to the caller; None closes the connection."""
        if (verdict := await self._verdict(request, Moment.BEFORE)) is not None:
            return self._as_answer(verdict)
        if (foreign := refusal(_listed(request, "host"), _listed(request, "origin"))) is not None:
            return Answer.of(foreign, {})
        forwarded = self._rules.before(request) if self._rules else request
        if isinstance(forwarded, Answer):
            return forwarded
        answer = await self.upstream.send(forwarded)
        if self._rules:
            answer = self._rules.after(request, answer)
        if (verdict := await self._verdict(request, Moment.AFTER)) is not None:
            return self._as_answer(verdict)
        return answer

    async def _verdict(self, request: Request, moment: Moment) -> ServiceError | Lost | None:
        for interruption in self._interruptions:
            if interruption.takes(request, moment):
                return await interruption.verdict_on(request)
        return None

    def _as_answer(self, verdict: ServiceError | Lost) -> Answer | None:
        if isinstance(verdict, Lost) or self._rules is None:
            return None
        return self._rules.error(verdict)


def _listed(request: Request, header: str) -> list[str]:
    return [request.headers[header]] if header in request.headers else []
