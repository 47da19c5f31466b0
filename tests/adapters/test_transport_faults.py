"""The transport when no whole answer comes: never half an answer, never somebody else's."""

import asyncio
import time
from typing import Any

import pytest
from azure.core.exceptions import (
    ServiceResponseError,
    ServiceResponseTimeoutError,
)

from shared.adapters.azure_tables import _connection
from tests.adapters.scripted_server import (
    CHUNKED,
    OK,
    Peer,
    between,
    get,
    obliging,
)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        CHUNKED + b"5\r\nabc",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhow long is this?",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        CHUNKED + b"xyz\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * 100_000,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ],
)
@pytest.mark.parametrize("end", [Peer.hang_up, Peer.reset])
async def test_less_than_a_whole_answer_is_an_error(raw: bytes, end: Any) -> None:
    """Cut in the head, in the body or in a chunk, of unknown length, or no HTTP at all: never passed on."""

    async def script(peer: Peer) -> None:
        await peer.answer(raw)
        await asyncio.sleep(0.02)
        end(peer)

    async with between(script, obliging) as (made, server):
        with pytest.raises(ServiceResponseError) as raised:
            await get(made, server)
        assert not isinstance(raised.value, ServiceResponseTimeoutError)
        assert await get(made, server) == b"ok"
        assert server.connections == 2


async def test_an_answer_larger_than_any_of_ours_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store gone mad must not take the instance's memory with it."""
    monkeypatch.setattr(_connection, "LARGEST_BODY", 1000)

    async def endless(peer: Peer) -> None:
        await peer.answer(CHUNKED)
        while True:
            await peer.say(b"400\r\n" + b"a" * 0x400 + b"\r\n")

    async with between(endless) as (made, server):
        with pytest.raises(ServiceResponseError, match="larger"):
            await get(made, server)


@pytest.mark.parametrize("drip", [False, True])
async def test_no_answer_in_time_is_a_timeout_and_ends_the_connection(drip: bool) -> None:
    """The limit holds for the whole answer, so one byte now and then does not buy more time."""
    closed = asyncio.Event()

    async def slow(peer: Peer) -> None:
        await peer.hear()
        if drip:
            for byte in b"HTTP/1.1 200 OK\r\n" * 10:
                await peer.say(bytes([byte]))
                await asyncio.sleep(0.05)
        await peer.until_closed()
        closed.set()

    async with between(slow, obliging) as (made, server):
        began = time.monotonic()
        with pytest.raises(ServiceResponseTimeoutError):
            await get(made, server, read_timeout=0.2)
        assert 0.15 < time.monotonic() - began < 1.5
        assert await get(made, server) == b"ok"
        if not drip:
            await asyncio.wait_for(closed.wait(), 1)


@pytest.mark.parametrize("answers", [True, False])
async def test_cancelling_ends_the_connection(answers: bool) -> None:
    """What the cancelled request would have got must not become the answer of the next, and no socket is left over."""
    closed = asyncio.Event()

    async def late(peer: Peer) -> None:
        await peer.hear()
        if answers:
            await asyncio.sleep(0.2)
            await peer.say(OK.replace(b"ok", b"no"))
        await peer.until_closed()
        closed.set()

    async with between(late, obliging) as (made, server):
        task = asyncio.create_task(get(made, server))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [await get(made, server) for _ in range(2)] == [b"ok", b"ok"]
        await asyncio.sleep(0.2)
        assert await get(made, server) == b"ok"
        assert server.connections == 2
        await asyncio.wait_for(closed.wait(), 1)
