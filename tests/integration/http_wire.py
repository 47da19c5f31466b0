"""HTTP/1.1 as bytes: enough to forward whole requests and responses unchanged."""

import asyncio
from dataclasses import dataclass

BODILESS = (204, 304)


@dataclass(frozen=True)
class RawRequest:
    """The bytes of one request, and their meaning."""

    method: str
    target: str
    body: bytes
    bytes: bytes


async def read_request(reader: asyncio.StreamReader) -> RawRequest | None:
    """Read the next request of the connection; None if the client has closed it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise
        return None
    method, target, _ = head.split(b" ", 2)
    raw, body = await _read_body(reader, head, until_close=False)
    return RawRequest(method.decode(), target.decode(), body, head + raw)


async def read_response(reader: asyncio.StreamReader, method: str) -> bytes:
    """Read the response to a request with this method."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    if status == 100:
        return await read_response(reader, method)
    if method == "HEAD" or status in BODILESS:
        return head
    raw, _ = await _read_body(reader, head, until_close=True)
    return head + raw


async def _read_body(reader: asyncio.StreamReader, head: bytes, *, until_close: bool) -> tuple[bytes, bytes]:
    """Return the body as sent, and its content."""
    headers = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    if b"chunked" in headers.get(b"transfer-encoding", b""):
        return await _read_chunks(reader)
    if b"content-length" in headers:
        body = await reader.readexactly(int(headers[b"content-length"]))
        return body, body
    body = await reader.read() if until_close else b""
    return body, body


async def _read_chunks(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    raw, body = bytearray(), bytearray()
    while True:
        line = await reader.readline()
        size = int(line.split(b";")[0], 16)
        chunk = await reader.readexactly(size + 2)
        raw += line + chunk
        body += chunk[:-2]
        if size == 0:
            return bytes(raw), bytes(body)
