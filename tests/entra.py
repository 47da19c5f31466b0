"""A tenant of Microsoft Entra for tests: the stand-in in this process, reached with the token of a managed identity."""

import datetime as dt
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from typing import Any

import pytest

from local.entra.__main__ import application
from local.entra.faults import ArmedFault, Fault
from local.entra.tenant import Tenant, User
from local.entra.tokens import Signer
from local.serving import LoopbackServer, loopback_server
from local.stack.ports import Ports
from local.standin.transport import DroppableProtocol
from shared.adapters.azure_transport import SharedTransport
from shared.adapters.directories.entra.directory import EntraDirectory
from shared.adapters.directories.entra.graph import Graph
from shared.adapters.directories.entra.options import options_from
from shared.adapters.identity import identity

SECRET = "only this process has it"
A_MINUTE_AGO = dt.timedelta(minutes=1)


class Hand:
    """The administrator of the tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    def add(self, name: str, password: str = "", **known: Any) -> User:
        changed_at = self.tenant.now().replace(microsecond=0) - A_MINUTE_AGO
        user = User(name=name, password=password, **{"changed_at": changed_at, **known})
        self.tenant.users.append(user)
        return user

    def fault(self, method: str, target: str, fault: Fault, times: int = 1, skip: int = 0) -> None:
        self.tenant.faults.append(ArmedFault(method, target, fault, times, skip))

    def asked(self, method: str = "") -> list[str]:
        """Return the targets of the requests, oldest first."""
        return [target for verb, target, _ in self.tenant.requests if method in {"", verb}]


def start(*servers: LoopbackServer) -> None:
    """Serve in threads, as long as this process runs."""
    for server in servers:
        threading.Thread(target=server.run, daemon=True).start()
    while not all(server.started for server in servers):
        time.sleep(0.005)


@contextmanager
def in_threads(*servers: LoopbackServer) -> Iterator[None]:
    """Serve in threads until the end of the block."""
    start(*servers)
    try:
        yield
    finally:
        for server in servers:
            server.should_exit = True


signer = cache(Signer)
"""Of the tenant."""


@cache
def served() -> tuple[Tenant, int]:
    """Serve one tenant in a thread, as long as this process runs. Each test begins with an empty one."""
    tenant, port = Tenant(), Ports.free(0).inbox
    app = application(tenant, signer(), f"http://127.0.0.1:{port}", SECRET)
    start(loopback_server(app, port, http=DroppableProtocol))
    return tenant, port


def a_tenant() -> tuple[Tenant, int]:
    tenant, port = served()
    vars(tenant).update(vars(Tenant()))
    return tenant, port


@asynccontextmanager
async def reached(
    patch: pytest.MonkeyPatch, header: str = SECRET, **settings: str
) -> AsyncIterator[tuple[EntraDirectory, Hand]]:
    """Yield the directory as the wiring makes it, and the administrator."""
    (tenant, port), transport = a_tenant(), SharedTransport()
    patch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{port}/identity")
    patch.setenv("IDENTITY_HEADER", header)
    credential = identity(managed=True, client_id=None, transport=transport)
    options = options_from({"graph": f"http://127.0.0.1:{port}", **settings})
    try:
        yield EntraDirectory(Graph(options, credential, transport)), Hand(tenant)
    finally:
        await credential.close()
        await transport.shut()
