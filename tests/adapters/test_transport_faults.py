"""The transport when no complete response arrives: it never returns part of one, or another request's."""

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
    ids=[
        "nothing", "half a head", "part of a body", "part of a chunk", "no length", "not HTTP", "two lengths",
        "bad chunk size", "endless head", "switch of protocols",
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", [Peer.hang_up, Peer.reset], ids=["closed", "reset"])
async def test_a_truncated_or_malformed_response_is_an_error(raw: bytes, end: Any) -> None:
    """Cut in the head, in the body or in a chunk; of unknown length; or not HTTP. It is never returned."""

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


async def test_a_response_over_the_size_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A faulty store must not exhaust the memory of the instance."""
    monkeypatch.setattr(_connection, "LARGEST_BODY", 1000)

    async def endless(peer: Peer) -> None:
        await peer.answer(CHUNKED)
        while True:
            await peer.say(b"400\r\n" + b"a" * 0x400 + b"\r\n")

    async with between(endless) as (made, server):
        with pytest.raises(ServiceResponseError, match="larger"):
            await get(made, server)


@pytest.mark.parametrize("drip", [False, True])
async def test_a_slow_response_times_out_and_closes_the_connection(drip: bool) -> None:
    """The timeout covers the whole response, so that sending a byte now and then does not extend it."""
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


@pytest.mark.parametrize("answers", [True, False], ids=["late response", "no response"])
async def test_cancelling_a_request_closes_its_connection(answers: bool) -> None:
    """The late response must not be returned for the next request, and no socket may stay open."""
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
