"""The Azure SDK with our transport: clients, retries and credentials behave as with the SDK's own transport."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.credentials import AccessToken, AzureNamedKeyCredential
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ServiceResponseError,
)
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient, TableServiceClient

from shared.adapters.azure_tables._table import NO_RETRY
from shared.adapters.azure_tables._transport import LeanTransport
from tests.adapters.scripted_server import OK, Peer, Server, obliging, serve

TROUBLE = b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
ROWS = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"value":[]}'


def lean() -> LeanTransport:
    return LeanTransport(connection_timeout=2, read_timeout=10)


@asynccontextmanager
async def a_table(storage: str) -> AsyncIterator[TableClient]:
    async with TableServiceClient.from_connection_string(storage, transport=lean()) as service:
        yield await service.create_table("People")


def client_of(server: Server, **options: Any) -> TableClient:
    credential = AzureNamedKeyCredential("account", "a2V5")
    return TableClient(server.url(""), "People", credential=credential, transport=lean(), **options)


def entity(row: str, **values: Any) -> dict[str, Any]:
    return {"PartitionKey": "one", "RowKey": row, **values}


# -- on the real store --


@pytest.mark.integration
async def test_the_sdk_reads_and_writes_rows_on_the_real_store(storage: str) -> None:
    """Shared key, inserts, conditional writes and deletes with their conflicts, and texts in many alphabets."""
    async with a_table(storage) as table:
        made = await table.create_entity(entity("a", text='é "quoted" \U0001f600'))
        with pytest.raises(ResourceExistsError):
            await table.create_entity(entity("a"))
        found = [row async for row in table.query_entities("RowKey eq @row", parameters={"row": "a"})]
        assert [row["text"] for row in found] == ['é "quoted" \U0001f600']
        assert found[0].metadata["etag"] == made["etag"]
        condition = {"match_condition": MatchConditions.IfNotModified, "mode": UpdateMode.REPLACE}
        await table.update_entity(entity("a", text="2"), etag=made["etag"], **condition)
        with pytest.raises(ResourceModifiedError):
            await table.update_entity(entity("a", text="3"), etag=made["etag"], **condition)
        await table.delete_entity("one", "a")
        assert [row async for row in table.list_entities()] == []


@pytest.mark.integration
async def test_more_parallel_requests_than_connections_and_large_pages_on_the_real_store(storage: str) -> None:
    """There are more requests than connections, and the responses, of about a megabyte each, arrive in many pieces."""
    async with a_table(storage) as table:
        await asyncio.gather(*(table.create_entity(entity(f"{n:03}", text="x" * 8000)) for n in range(130)))
        rows = [row["RowKey"] async for row in table.list_entities(results_per_page=100)]
        assert rows == [f"{n:03}" for n in range(130)]


@pytest.mark.integration
@pytest.mark.parametrize("key", ["a", "a'b", "a b", "é", "a%27b", "a+b=c,d(e)", "a&b;c:d@e!$*~"])
async def test_the_transport_sends_the_path_that_the_sdk_signed(storage: str, key: str) -> None:
    """The SDK signs one spelling of the path; the store would refuse another. (Our own keys contain no such
    characters.)
    """
    async with a_table(storage) as table:
        await table.upsert_entity({"PartitionKey": key, "RowKey": key})
        assert (await table.get_entity(key, key))["RowKey"] == key
        await table.delete_entity(key, key)


# Raised by the SDK on Python 3.12 and later.
@pytest.mark.filterwarnings("ignore:Testing an element's truth value:DeprecationWarning")
@pytest.mark.integration
async def test_a_wrong_key_raises_the_sdk_exception_with_the_store_message(storage: str) -> None:
    """The error document of the store reaches the SDK's exception."""
    key = next(part for part in storage.split(";") if part.startswith("AccountKey="))
    wrong = storage.replace(key, "AccountKey=" + "A" * 40)
    async with TableClient.from_connection_string(wrong, "People", transport=lean()) as table:
        with pytest.raises(HttpResponseError, match="AuthorizationFailure") as refused:
            await table.create_entity(entity("a"))
        assert refused.value.status_code == 403


# -- on a store with faults --


async def test_the_sdk_retries_reads_and_not_conditional_writes() -> None:
    """The SDK's retry policy gets the same statuses and errors as from its own transport."""

    async def busy(peer: Peer) -> None:
        await peer.answer(TROUBLE)
        peer.hang_up()

    async def silent(peer: Peer) -> None:
        await peer.hear()
        peer.hang_up()

    options = {"retry_total": 2, "retry_backoff_factor": 0}
    async with serve(busy, silent, lambda peer: peer.answer(ROWS)) as server, client_of(server, **options) as table:
        assert [row async for row in table.query_entities("RowKey eq 'a'")] == []
        assert len(server.requests) == 3
    async with serve(busy, silent, obliging) as server, client_of(server, **options) as table:
        for expected in (HttpResponseError, ServiceResponseError):
            with pytest.raises(expected):
                await table.create_entity(entity("a"), **NO_RETRY)
        assert len(server.requests) == 2


async def test_each_retry_has_exactly_one_date_and_one_signature() -> None:
    """The transport must not change or repeat the signed headers."""
    async with (
        serve(lambda peer: peer.answer(TROUBLE), lambda peer: peer.answer(ROWS)) as server,
        client_of(server, retry_total=1, retry_backoff_factor=0) as table,
    ):
        assert [row async for row in table.list_entities()] == []
        for request in server.requests:
            assert request.count(b"Authorization: SharedKey account:") == 1
            assert request.count(b"x-ms-date: ") == 1


async def test_a_bearer_token_is_not_sent_over_http() -> None:
    """The SDK refuses to send a token over plain HTTP, also with this transport."""

    class Credential:
        async def get_token(self, *_: str, **__: Any) -> AccessToken:
            return AccessToken("a-token", 2**40)

    async with serve(lambda peer: peer.answer(OK)) as server:
        with pytest.raises(ValueError, match="HTTPS"):
            TableClient(server.url(""), "People", credential=Credential(), transport=lean())
        assert server.requests == []
