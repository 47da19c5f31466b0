"""An Azurite table accessed with the real SDK, through a transport that loses requests or responses on demand."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.data.tables.aio import TableServiceClient

from shared.adapters.azure_tables._table import Table
from shared.adapters.azure_transport import SharedTransport
from tests.fakes.people import Fault


class UnreliableTransport(SharedTransport):
    """The real transport. `faults` apply to the next writes, `is_lost` to all requests."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Fault] = []
        self.is_lost = False
        self.requests: Counter[str] = Counter()
        self.statuses: list[int] = []

    async def send(self, request: Any, **options: Any) -> Any:
        self.requests[request.method] += 1
        fault = self.faults.pop(0) if self.faults and request.method != "GET" else None
        if self.is_lost or fault is Fault.LOST:
            raise ServiceRequestError("the connection was refused")
        response = await super().send(request, **options)
        if fault is Fault.APPLIED_THEN_LOST:
            raise ServiceResponseError("the connection was closed")
        if fault is Fault.APPLIED_THEN_CONFLICT:
            response = await super().send(request, **options)
        self.statuses.append(response.status_code)
        return response


@asynccontextmanager
async def a_service(storage: str, transport: UnreliableTransport | None = None) -> AsyncIterator[TableServiceClient]:
    """Return the client of all tables as the wiring creates it. Reads may be retried, here without a wait."""
    transport = transport or UnreliableTransport()
    options: dict[str, Any] = {"retry_total": 2, "retry_backoff_factor": 0.01, "transport": transport}
    try:
        yield TableServiceClient.from_connection_string(storage, **options)
    finally:
        await transport.shut()


@asynccontextmanager
async def a_table(
    storage: str, name: str = "Contract", transport: UnreliableTransport | None = None
) -> AsyncIterator[Table]:
    async with a_service(storage, transport) as service:
        await service.create_table_if_not_exists(name)
        yield Table(service.get_table_client(name))
