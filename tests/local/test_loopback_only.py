"""Every server of the local stack refuses what a web page of another site makes a browser send."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from bench._deployed import deployed
from local.stack.environment import base_address
from tests.processes import AzuriteServer
from tests.stack import StartStack

pytestmark = pytest.mark.integration
PLAIN = Path(__file__).parent / "apps" / "plain"
HOSTS = [
    "evil.example", "evil.example:{port}", "127.0.0.1.evil.example", "localhost.evil.example:{port}", "0.0.0.0:{port}",
    "127.0.0.1@evil.example", "127.1", "", "127.0.0.1:{port}, evil.example",
]  # fmt: skip
ORIGINS = [
    "https://evil.example", "null", "", "http://127.0.0.1", "http://127.0.0.1:1", "https://127.0.0.1:{port}",
    "http://127.0.0.1:{port}.evil.example", "http://localhost:{port}", "file://",
]  # fmt: skip


@dataclass(frozen=True)
class Server:
    """One request that a server takes, with the status that its own page or client gets."""

    method: str
    address: str
    own: int
    checks_origin: bool = True

    def send(self, **headers: str) -> int:
        port = str(urlsplit(self.address).port)
        made = {name: value.replace("{port}", port) for name, value in headers.items()}
        return httpx.request(self.method, self.address, headers=made).status_code


@pytest.fixture(scope="module")
def servers(azurite: AzuriteServer, start_stack: StartStack) -> Iterator[dict[str, Server]]:
    """The store of a stack, its go-between, and the endpoint of the managed identity."""
    notes = {"SESAME_NOTES": os.devnull}
    stack = start_stack(app=PLAIN, web=True, environment=notes)
    ports, strict = azurite.straight, dict(part.split("=", 1) for part in stack.storage_connection.split(";"))
    with deployed(os.environ) as identity:
        yield {
            "host": Server("GET", f"{stack.api}/api/word", 200, checks_origin=False),
            "host status": Server("GET", f"{stack.api}/admin/host/status", 200),
            "host admin": Server("POST", f"{stack.api}/admin/functions/late_poison", 404),
            "host, unknown path": Server("POST", f"{stack.api}/apis", 404),
            "inbox page": Server("GET", f"{stack.inbox}/", 200),
            "inbox": Server("GET", f"{stack.inbox}/messages", 200),
            "inbox, clear": Server("POST", f"{stack.inbox}/clear", 204),
            "inbox, send": Server("POST", f"{stack.inbox}/sms", 401),
            "web": Server("GET", f"{stack.web}/config.json", 200),
            "tables": Server("GET", f"{base_address(ports.table)}/nobody/Tables", 404),
            "queues": Server("PUT", f"{base_address(ports.queue)}/nobody/queue", 404),
            "blobs": Server("GET", f"{base_address(ports.blob)}/nobody?comp=list", 404),
            "strict tables": Server("GET", f"http://{strict['TableEndpoint'].split('/')[2]}/nobody/Tables", 404),
            "strict queues": Server("PUT", f"http://{strict['QueueEndpoint'].split('/')[2]}/nobody/queue", 404),
            "identity": Server("GET", identity["IDENTITY_ENDPOINT"], 400),
        }


def test_a_local_server_refuses_other_host_names_and_pages_of_other_origins(servers: dict[str, Server]) -> None:
    """421 for a host name that is not this machine's (DNS rebinding), 403 for a page of another origin (forgery).

    The endpoints of the service itself check the origin in the service, which answers with a problem document.
    """
    assert {name: server.send() for name, server in servers.items()} == {
        name: server.own for name, server in servers.items()
    }
    for server in servers.values():
        assert {host: server.send(Host=host) for host in HOSTS} == dict.fromkeys(HOSTS, 421), server
        if server.checks_origin:
            assert {origin: server.send(Origin=origin) for origin in ORIGINS} == dict.fromkeys(ORIGINS, 403), server
        assert server.send(Origin="http://LOCALHOST:{port}", Host="localhost:{port}") == server.own, server
