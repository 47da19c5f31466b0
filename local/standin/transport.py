"""Closes a client's connection without a response, which ASGI does not support."""

import asyncio
from typing import Any, ClassVar

from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol


class DroppableProtocol(H11Protocol):
    """uvicorn's protocol, extended to record connections by the client's address."""

    connections_by_client: ClassVar[dict[tuple[str, int], asyncio.Transport]] = {}

    def connection_made(self, transport: Any) -> None:
        """Record the connection."""
        super().connection_made(transport)
        if self.client is not None:
            self.connections_by_client[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove the connection."""
        if self.client is not None:
            self.connections_by_client.pop(self.client, None)
        super().connection_lost(exc)


def drop(request: Request) -> None:
    """Close the connection of a request at once. A later response is not sent."""
    if request.client is not None:
        transport = DroppableProtocol.connections_by_client.get((request.client.host, request.client.port))
        if transport is not None:
            transport.abort()
