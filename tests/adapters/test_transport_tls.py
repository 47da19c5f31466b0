"""The transport over TLS verifies the server."""

import asyncio
import ssl
from pathlib import Path

import pytest
from azure.core.exceptions import (
    ServiceRequestError,
)
from azure.core.rest import HttpRequest

from tests.adapters.certificates import authority
from tests.adapters.scripted_server import (
    get,
    serve,
    transport,
)


async def test_tls_verifies_the_authority_and_the_host_name(tmp_path: Path) -> None:
    """The TLS context is created once, and only for the first HTTPS request."""
    context, file = authority(tmp_path, "127.0.0.1")
    made_contexts = []

    def trusting() -> ssl.SSLContext:
        made_contexts.append(ssl.create_default_context(cafile=file))
        return made_contexts[-1]

    async with serve(tls=context) as server, serve() as plain:
        async with transport(tls=trusting) as made:
            assert await get(made, plain) == b"ok"
            assert made_contexts == []
            assert await get(made, server) == b"ok"
            assert (await asyncio.gather(get(made, server), get(made, server))) == [b"ok", b"ok"]
            assert len(made_contexts) == 1
            with pytest.raises(ServiceRequestError, match="localhost"):
                await made.send(HttpRequest("GET", server.url(host="localhost")))
        async with transport() as distrusting:
            with pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"):
                await get(distrusting, server)
        assert len(server.requests) == 3


async def test_tls_sends_the_server_name(tmp_path: Path) -> None:
    """Azure's front ends serve thousands of accounts at one address and select the account by SNI."""
    context, file = authority(tmp_path, "localhost")
    wanted = []
    context.sni_callback = lambda _, name, __: wanted.append(name)
    async with serve(tls=context) as server, transport(tls=lambda: ssl.create_default_context(cafile=file)) as made:
        await made.send(HttpRequest("GET", server.url(host="localhost")))
        assert wanted == ["localhost"]
