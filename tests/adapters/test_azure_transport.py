"""The transport that all Azure clients share: one session, no proxy unless wanted, and no write sent twice."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.exceptions import ServiceRequestError, ServiceResponseError, ServiceResponseTimeoutError
from azure.core.rest import HttpRequest
from azure.data.tables.aio import TableClient, TableServiceClient
from azure.storage.queue.aio import QueueServiceClient

from shared.adapters import azure_transport
from shared.adapters.azure_tables._table import NO_RETRY, Table
from shared.adapters.azure_transport import SharedTransport
from shared.ports.store import StoreLost

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Reads requests on a real socket. `answer` says what it does with the request of a given number, from 1."""

    def __init__(self, answer: "Answer") -> None:
        self.answer = answer
        self.connections = 0
        self.requests: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(head)
                await self.answer(len(self.requests), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has closed the connection
        finally:
            writer.close()


Answer = Callable[[int, asyncio.StreamWriter], Awaitable[None]]


async def always(_number: int, writer: asyncio.StreamWriter) -> None:
    writer.write(OK)


async def loses_the_second(number: int, writer: asyncio.StreamWriter) -> None:
    """Close the connection when the second request has arrived, without a response."""
    if number == 2:
        writer.close()
    else:
        writer.write(OK)


async def never(_number: int, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@asynccontextmanager
async def between(answer: Answer = always, **options: Any) -> AsyncIterator[tuple[SharedTransport, Server]]:
    server, transport, tasks = Server(answer), SharedTransport(**options), set[asyncio.Task[None]]()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(server.serve(reader, writer)))

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
    try:
        yield transport, server
    finally:
        await transport.shut()
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listener.wait_closed()


async def send(transport: SharedTransport, method: str, url: str) -> bytes:
    return (await transport.send(HttpRequest(method, url))).content


# -- repeated requests --


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
async def test_a_write_whose_response_is_lost_is_not_sent_twice(method: str) -> None:
    """It may have been carried out; a second one would report a conflict with the first (rule 4)."""
    async with between(loses_the_second) as (transport, server):
        await send(transport, "GET", server.url)
        with pytest.raises(ServiceResponseError):
            await send(transport, method, server.url)
        assert len(server.requests) == 2


async def test_a_get_on_a_connection_that_was_just_closed_is_sent_again() -> None:
    """The store closes idle connections. This is not an error."""
    async with between(loses_the_second) as (transport, server):
        assert [await send(transport, "GET", server.url) for _ in range(2)] == [b"ok", b"ok"]
        assert len(server.requests) == 3


async def test_a_write_that_was_never_sent_is_a_service_request_error() -> None:
    """The SDK may then retry any method."""
    async with between() as (_, server):
        url = server.url
    transport = SharedTransport()
    with pytest.raises(ServiceRequestError):
        await send(transport, "PUT", url)
    await transport.shut()


async def test_the_sdk_does_not_retry_a_conditional_write_whose_response_is_lost() -> None:
    """Neither aiohttp nor the retry policy of the SDK sends it again."""
    async with between(loses_the_second) as (transport, server):
        await send(transport, "GET", server.url)
        key = AzureNamedKeyCredential("account", "a2V5")
        options: dict[str, Any] = {"transport": transport, "retry_total": 2, "retry_backoff_factor": 0}
        async with TableClient(server.url, "People", credential=key, **options) as table:
            with pytest.raises(ServiceResponseError):
                await table.update_entity({"PartitionKey": "a", "RowKey": "b"}, **NO_RETRY)
        assert len(server.requests) == 2


# -- timeouts and connections --


async def test_a_response_that_does_not_come_is_a_response_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request may have been carried out."""
    monkeypatch.setattr(azure_transport, "READ_SECONDS", 0.1)
    async with between(never) as (transport, server):
        with pytest.raises(ServiceResponseTimeoutError):
            await send(transport, "PUT", server.url)
        assert len(server.requests) == 1


def test_the_timeouts_are_those_of_the_service() -> None:
    """The default of the SDK is 300 s, and a person waits for the response."""
    config = SharedTransport().connection_config
    assert (config.timeout, config.read_timeout) == (3, 10)


def test_the_certificates_of_servers_are_verified() -> None:
    """With this value, aiohttp uses the authorities of the platform, and checks the name of the host."""
    assert SharedTransport().connection_config.verify is True


async def test_requests_one_after_the_other_share_a_connection() -> None:
    """A new connection costs a round trip, and with TLS two more."""
    async with between() as (transport, server):
        for _ in range(5):
            await send(transport, "GET", server.url)
        assert (server.connections, len(server.requests)) == (1, 5)


@pytest.mark.integration
async def test_a_client_that_is_closed_leaves_the_connections_of_the_others_open(storage: str) -> None:
    """The SDK would close the session of all clients with the first one."""
    transport = SharedTransport()
    async with TableServiceClient.from_connection_string(storage, transport=transport) as tables:
        await tables.create_table("People")
        session = transport.session
        async with QueueServiceClient.from_connection_string(storage, transport=transport) as queues:
            await queues.create_queue("outbox")
        assert [table.name async for table in tables.list_tables()] == ["People"]
    assert transport.session is session
    assert session is not None
    assert not session.closed
    await transport.shut()
    assert session.closed


async def test_a_transport_that_was_shut_leaves_nothing_open() -> None:
    """An open session or socket would raise a ResourceWarning, which is an error here. A new request is possible."""
    async with between() as (transport, server):
        for _ in range(2):
            await send(transport, "GET", server.url)
            await transport.shut()
        assert transport.session is None
        assert server.connections == 2
    gc.collect()


def test_a_transport_can_be_made_outside_an_event_loop() -> None:
    """The session is made with the first request, in the event loop that sends it."""
    transport = SharedTransport()

    async def once() -> bytes:
        async with between() as (_, server):
            body = await send(transport, "GET", server.url)
            await transport.shut()
            return body

    assert [asyncio.run(once()) for _ in range(2)] == [b"ok", b"ok"]


# -- proxies --


@pytest.mark.parametrize("wanted", [False, True], ids=["not wanted", "wanted"])
async def test_a_proxy_of_the_environment_is_used_only_if_wanted(wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default no variable of the machine decides where requests with tokens go."""
    async with between(use_proxy_settings=wanted) as (transport, server), between() as (_, proxy):
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", proxy.url)
        assert await send(transport, "GET", server.url) == b"ok"
        assert (len(server.requests), len(proxy.requests)) == ((0, 1) if wanted else (1, 0))


async def test_no_password_of_netrc_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default, aiohttp reads the file of the user who runs the process, with each request."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with between() as (transport, server):
        await send(transport, "GET", server.url)
        assert b"Authorization" not in server.requests[0]


# -- what the table adapter does with a response to another request --


async def test_a_row_other_than_the_one_asked_for_is_not_returned() -> None:
    """An HTTP client may take bytes that arrive on an idle connection for the next response (aiohttp does)."""
    rows = b'{"value":[{"PartitionKey":"somebody","RowKey":"else","odata.etag":"x"}]}'

    async def another(_number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(rows))
        writer.write(rows)

    async with between(another) as (transport, server):
        key = AzureNamedKeyCredential("account", "a2V5")
        async with TableClient(server.url, "People", credential=key, transport=transport) as client:
            with pytest.raises(StoreLost):
                await Table(client).read("one", "row")
