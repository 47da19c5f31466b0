"""Kept-alive connections: they are shared, limited, closed when idle, and not used after anything unexpected."""

import asyncio
import gc
from typing import Any

import pytest
from azure.core.exceptions import (
    ServiceRequestTimeoutError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.rest import HttpRequest

from shared.adapters.azure_tables import _pool
from shared.adapters.azure_tables._transport import LeanTransport
from tests.adapters.scripted_server import (
    OK,
    Peer,
    between,
    get,
    never_answers,
    obliging,
    saying,
    serve,
)


async def hangs_up_after_one(peer: Peer) -> None:
    await peer.answer()
    peer.hang_up()


async def hears_and_hangs_up(peer: Peer) -> None:
    """Answer once, and close the connection when the next request has arrived: the race of every keep-alive."""
    await peer.answer()
    await peer.hear()
    peer.hang_up()


async def test_sequential_requests_share_one_connection() -> None:
    """A new connection costs a round trip, and with TLS two more."""
    async with between() as (made, server):
        for _ in range(5):
            await get(made, server)
        assert (server.connections, len(server.requests)) == (1, 5)


async def test_parallel_requests_are_limited_and_served_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """No request may wait for ever under load, so connections are granted in the order of the requests."""
    monkeypatch.setattr(_pool, "MOST", 3)
    order: list[int] = []

    async def one(number: int) -> None:
        await get(made, server)
        order.append(number)

    async def steady(peer: Peer) -> None:
        while True:
            await peer.hear()
            await asyncio.sleep(0.01)
            await peer.say(OK)

    async with between(steady) as (made, server):
        await asyncio.gather(*(one(number) for number in range(30)))
        assert server.most_open <= 3
        assert all(abs(place - number) < 3 for place, number in enumerate(order))


async def test_waiting_for_a_free_connection_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was sent. The connection is available again as soon as its user finishes, in whatever way."""
    monkeypatch.setattr(_pool, "MOST", 1)
    async with between(never_answers, obliging) as (made, server):
        holder = asyncio.create_task(get(made, server))
        await asyncio.sleep(0.05)
        with pytest.raises(ServiceRequestTimeoutError):
            await get(made, server, connection_timeout=0.05)
        holder.cancel()
        await asyncio.gather(holder, return_exceptions=True)
        assert await get(made, server) == b"ok"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_connection_closed_by_the_store_while_idle_is_not_used(method: str) -> None:
    """The store closes idle connections. This is not an error, and needs no retry."""
    async with between(hangs_up_after_one, obliging) as (made, server):
        await get(made, server)
        await asyncio.sleep(0.05)
        response = await made.send(HttpRequest(method, server.url()))
        assert (response.content, len(server.requests)) == (b"ok", 2)


@pytest.mark.parametrize("end", [Peer.hang_up, Peer.reset])
async def test_a_get_on_a_connection_that_was_just_closed_is_retried_once(end: Any) -> None:
    """It is sent once more, on a new connection. A server that always closes is not retried for ever."""

    async def script(peer: Peer) -> None:
        await peer.answer()
        await peer.hear()
        end(peer)

    async with between(script, obliging) as (made, server):
        assert [await get(made, server) for _ in range(2)] == [b"ok", b"ok"]
        assert (server.connections, len(server.requests)) == (2, 3)
    async with between(script, never_answers) as (made, server):
        await get(made, server)
        with pytest.raises(ServiceResponseTimeoutError):
            await get(made, server, read_timeout=0.2)
        assert len(server.requests) == 3


async def test_a_get_that_times_out_on_a_kept_connection_is_not_retried() -> None:
    """The store is slow; the connection was not stale. A retry would only add load."""

    async def script(peer: Peer) -> None:
        await peer.answer()
        await peer.hear()
        await peer.until_closed()

    async with between(script, obliging) as (made, server):
        await get(made, server)
        with pytest.raises(ServiceResponseTimeoutError):
            await get(made, server, read_timeout=0.1)
        assert len(server.requests) == 2


async def test_a_connection_that_is_closing_is_not_used() -> None:
    """A write must not be sent in the event loop turn between a connection's expiry and its end."""
    async with between() as (made, server):
        await get(made, server)
        assert made._pool is not None
        for connection in made._pool._open:
            connection.close()
        await made.send(HttpRequest("POST", server.url()))
        assert (server.connections, len(server.requests)) == (2, 2)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_write_on_a_connection_that_was_just_closed_is_never_sent_twice(method: str) -> None:
    """It may have been carried out; a second one would report a conflict with the first (rule 4)."""
    async with between(hears_and_hangs_up, obliging) as (made, server):
        await get(made, server)
        with pytest.raises(ServiceResponseError):
            await made.send(HttpRequest(method, server.url()))
        assert len(server.requests) == 2


async def test_a_get_is_not_retried_after_part_of_a_response() -> None:
    """A partial response means that the store has a problem, not that the connection was stale."""

    async def script(peer: Peer) -> None:
        await peer.answer()
        await peer.answer(b"HTTP/1.1 200 OK\r\n")
        peer.hang_up()

    async with between(script, obliging) as (made, server):
        await get(made, server)
        with pytest.raises(ServiceResponseError):
            await get(made, server)
        assert len(server.requests) == 2


@pytest.mark.parametrize("at_once", [True, False], ids=["with the response", "later"])
async def test_an_unrequested_response_is_never_returned_for_the_next_request(at_once: bool) -> None:
    """It could contain another account's row. Examples are a second response, or a 408 on an idle connection."""
    stray = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 5\r\n\r\nstray"

    async def script(peer: Peer) -> None:
        await peer.answer(OK + stray if at_once else OK)
        if not at_once:
            await asyncio.sleep(0.02)
            await peer.say(stray)
        await peer.until_closed()

    async with between(script, obliging) as (made, server):
        assert await get(made, server) == b"ok"
        await asyncio.sleep(0.05)
        assert await get(made, server) == b"ok"
        assert server.connections == 2


@pytest.mark.parametrize("header", [b"HTTP/1.1 200 OK\r\nConnection: close\r\n", b"HTTP/1.0 200 OK\r\n"])
async def test_a_connection_that_the_server_announces_to_close_is_not_reused(header: bytes) -> None:
    """A response with `Connection: close` is the last one on its connection."""
    async with between(saying(header + b"Content-Length: 2\r\n\r\nok"), obliging) as (made, server):
        assert [await get(made, server) for _ in range(2)] == [b"ok", b"ok"]
        assert server.connections == 2


@pytest.mark.parametrize("promised", [True, False], ids=["limit of the server", "our limit"])
async def test_an_idle_connection_is_closed_before_the_server_closes_it(
    promised: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After our limit, or earlier if the server announces one, so that a write rarely meets a closing connection."""
    monkeypatch.setattr(_pool, "IDLE_SECONDS", 60.0 if promised else 0.05)
    closed = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.answer(OK.replace(b"\r\n\r\n", b"\r\nKeep-Alive: timeout=1\r\n\r\n") if promised else OK)
        await peer.until_closed()
        closed.set()

    async with between(script) as (made, server):
        await get(made, server)
        await asyncio.wait_for(closed.wait(), 1)


async def test_closing_the_transport_ends_all_connections_and_requests() -> None:
    """Waiting requests get an error, later ones too, and no socket stays open."""
    async with serve(obliging, never_answers) as server:
        made = LeanTransport(connection_timeout=2, read_timeout=2)
        async with made:
            await get(made, server)
            waiting = [asyncio.create_task(get(made, server)) for _ in range(2)]
            await asyncio.sleep(0.05)
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(answer) for answer in answers} <= {bytes, ServiceResponseError}
        assert ServiceResponseError in {type(answer) for answer in answers}
        with pytest.raises(ValueError, match="closed"):
            await get(made, server)
        await asyncio.sleep(0.05)
        assert server.open == 0
    gc.collect()  # an open socket would raise a ResourceWarning, which is an error here


def test_the_transport_works_in_another_event_loop() -> None:
    """A transport can outlive an event loop: each test, or each run of a tool, has its own loop."""
    made = LeanTransport(connection_timeout=2, read_timeout=2)

    async def once() -> int:
        async with serve() as server:
            await get(made, server)
            pool = made._pool
            assert pool is not None
            await pool.close()
            return server.connections

    assert [asyncio.run(once()) for _ in range(2)] == [1, 1]
