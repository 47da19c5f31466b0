"""HTTP/1.1 as bytes: enough to read whole requests and answers, to forward them unchanged, and to answer."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from http import HTTPStatus
from typing import Self
from urllib.parse import unquote

BODILESS = (204, 304)
END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as it was sent. `rest` is everything after the request line."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    rest: bytes

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def is_to(self, table_or_queue: str) -> bool:
        """Whether it concerns this table or queue: the second part of the path, after the storage account."""
        name = self.path.split("/")[2] if self.path.count("/") > 1 else ""
        return name.partition("(")[0] == table_or_queue

    @property
    def is_write(self) -> bool:
        return self.method in {"POST", "PUT", "PATCH", "MERGE"}

    def asking(self, query: str) -> Self:
        """Return the request with another query. A shared key does not sign the query, except for `comp`."""
        return replace(self, target=self.target.partition("?")[0] + (f"?{query}" if query else ""))

    def as_bytes(self) -> bytes:
        return f"{self.method} {self.target} HTTP/1.1\r\n".encode() + self.rest


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its head with the empty line, and its body as sent."""

    status: int
    head: bytes
    body: bytes = b""
    keeps_connection: bool = True

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], body: bytes = b"") -> Self:
        """Make an answer."""
        all_headers = {**headers, "Date": formatdate(usegmt=True), "Content-Length": str(len(body))}
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{k}: {v}" for k, v in all_headers.items())]
        return cls(status, "\r\n".join(lines).encode("latin-1") + END, body)


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read the next request of the connection; None if the client has closed it."""
    try:
        head = await reader.readuntil(END)
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise
        return None
    line, _, others = head.partition(b"\r\n")
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = headers_of(head)
    raw, body = await _read_body(reader, headers)
    return Request(method, target, headers, body, others + raw)


async def read_answer(reader: asyncio.StreamReader, method: str) -> Answer:
    """Read the answer to a request with this method."""
    head = await reader.readuntil(END)
    status = int(head.split(b" ", 2)[1])
    if status == 100:
        return await read_answer(reader, method)
    if method == "HEAD" or status in BODILESS:
        return Answer(status, head)
    headers = headers_of(head)
    keeps = headers.get("connection", "").lower() != "close"
    if "content-length" not in headers and "chunked" not in headers.get("transfer-encoding", ""):
        return Answer(status, head, await reader.read(), keeps_connection=False)
    raw, _ = await _read_body(reader, headers)
    return Answer(status, head, raw, keeps)


def headers_of(head: bytes) -> dict[str, str]:
    """Return the headers of a request or an answer, with names in lower case."""
    lines = head.decode("latin-1").split("\r\n")[1:-2]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> tuple[bytes, bytes]:
    """Return the body as sent, and its content."""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _read_chunks(reader)
    length = int(headers.get("content-length", 0))
    body = await reader.readexactly(length) if length else b""
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
