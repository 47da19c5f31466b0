"""The transport of the table SDK on a real socket: what it sends, and every form of a response."""

import asyncio
from typing import Any

import pytest
from azure.core.exceptions import (
    HttpResponseError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
)
from azure.core.rest import HttpRequest

from tests.adapters.scripted_server import (
    CHUNKED,
    Peer,
    between,
    get,
    saying,
    serve,
    transport,
)


async def test_the_transport_sends_exactly_one_content_length() -> None:
    """Two different lengths allow request smuggling. The transport's own is sent; the caller's is dropped."""
    async with between() as (made, server):
        request = HttpRequest(
            "PUT",
            server.url("/People(PartitionKey='a',RowKey='b')?timeout=1"),
            content=b"{}",
            headers={"If-Match": "x"},
        )
        request.headers["Content-Length"] = "9"
        request.headers["Transfer-Encoding"] = "chunked"
        await made.send(request)
        head, body = server.requests[0].split(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        assert lines[0] == b"PUT /People(PartitionKey='a',RowKey='b')?timeout=1 HTTP/1.1"
        assert sorted(lines[1:]) == sorted(
            [b"Host: 127.0.0.1:%d" % server.port, b"Accept-Encoding: identity", b"If-Match: x", b"Content-Length: 2"]
        )
        assert body == b"{}"


@pytest.mark.parametrize(("method", "length"), [("GET", b""), ("DELETE", b""), ("POST", b"Content-Length: 0")])
async def test_a_request_without_a_body_has_no_body_headers(method: str, length: bytes) -> None:
    """Only a POST without a body sends a length of 0, because front ends otherwise answer 411."""
    async with between() as (made, server):
        await made.send(HttpRequest(method, server.url()))
        assert (b"Content-Length" in server.requests[0]) is bool(length)
        assert length in server.requests[0]


@pytest.mark.parametrize("target", ["/t?a b", "/t?é", "/t?a\x0bb"], ids=["space", "not ASCII", "vertical tab"])
async def test_a_request_with_unsafe_characters_is_not_sent(target: str) -> None:
    """Line breaks in a URL or a header would inject a second request."""
    async with between() as (made, server):
        with pytest.raises(ServiceRequestError):
            await made.send(HttpRequest("GET", server.url(target)))
        with pytest.raises(ServiceRequestError):
            await made.send(HttpRequest("GET", server.url(), headers={"x": "1\r\nHost: elsewhere"}))
        assert server.requests == []
        assert await get(made, server) == b"ok"


@pytest.mark.parametrize(
    ("raw", "status", "content"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", 200, b"abc"),
        (CHUNKED + b"2\r\nab\r\n1;x=y\r\nc\r\n0\r\nTrailer: x\r\n\r\n", 200, b"abc"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", 201, b"x"),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", 304, b""),
        (b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", 302, b""),
        (b"HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", 503, b""),
    ],
    ids=["length", "chunks", "interim response", "no content", "not modified", "redirect", "no reason phrase"],
)  # fmt: skip
async def test_every_form_of_a_response_is_read_and_the_connection_is_reused(
    raw: bytes, status: int, content: bytes
) -> None:
    """Lengths, chunks, interim responses, empty bodies. A redirect is returned and not followed."""

    async def script(peer: Peer) -> None:
        await peer.hear()
        for byte in raw:  # in the smallest possible pieces
            await peer.say(bytes([byte]))
        await peer.answer()

    async with between(script) as (made, server):
        response = await made.send(HttpRequest("GET", server.url()))
        assert (response.status_code, response.content) == (status, content)
        assert await get(made, server) == b"ok"
        assert server.connections == 1


async def test_a_response_has_what_the_azure_sdk_reads() -> None:
    """Case-insensitive headers, text in its charset, JSON, and errors raised by status on request."""
    raw = b'HTTP/1.1 418 Teapot\r\nETag: a\r\nX-Y: 1\r\nx-y: 2\r\nContent-Type: application/json; charset="utf-16"\r\n'
    body = '{"é": 1}'.encode("utf-16")
    async with between(saying(raw + b"Content-Length: %d\r\n\r\n" % len(body) + body)) as (made, server):
        request = HttpRequest("GET", server.url())
        response = await made.send(request, stream=True)
        assert (response.request, response.url, response.reason) == (request, request.url, "Teapot")
        assert (response.headers["etag"], response.headers["ETAG"], response.headers["x-Y"]) == ("a", "a", "1, 2")
        assert (response.json(), response.encoding) == ({"é": 1}, "utf-16")
        assert await response.read() == body == b"".join([part async for part in response.iter_bytes()])
        with pytest.raises(HttpResponseError):
            response.raise_for_status()
        response.encoding = "latin-1"
        assert response.text().startswith("ÿþ")
        async with response:
            assert response.is_closed
            assert response.is_stream_consumed


async def test_a_refused_connection_is_a_service_request_error() -> None:
    """With ServiceRequestError the SDK knows that nothing was sent and that it may retry."""
    async with serve() as server, transport() as made:
        url = server.url()
    async with transport() as made:
        with pytest.raises(ServiceRequestError):
            await made.send(HttpRequest("POST", url))
        with pytest.raises(ServiceRequestError):
            await made.send(HttpRequest("GET", "http://nobody.invalid/"))


async def test_a_connection_that_takes_too_long_is_a_request_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was sent, so the SDK may retry any method."""
    async with transport() as made:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "create_connection", lambda *_, **__: asyncio.sleep(60))
        with pytest.raises(ServiceRequestTimeoutError):
            await made.send(HttpRequest("POST", "http://127.0.0.1:1/"), connection_timeout=0.05)


@pytest.mark.parametrize("option", [{"proxies": {"http": "http://p"}}, {"connection_verify": False}])
async def test_unsupported_transport_options_are_refused(option: dict[str, Any]) -> None:
    """Ignoring a proxy setting would send past the proxy; so proxies, client certificates and `verify` are refused."""
    async with between() as (made, server):
        with pytest.raises(ValueError, match="no proxy"):
            await get(made, server, **option)
        with pytest.raises(ValueError, match="address"):
            await made.send(HttpRequest("GET", "ftp://127.0.0.1/"))
        with pytest.raises(TypeError):
            await made.send(HttpRequest("PUT", server.url(), content=iter([b"a"])))
        assert server.requests == []
