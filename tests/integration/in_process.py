"""The service with real Azurite inside the test process, with a count of all table requests."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from azure.data.tables.aio import TableServiceClient

from local.stack.environment import service_environment
from local.stack.keys import fresh_keys
from local.stack.ports import Ports
from local.stack.storage import prepare_storage
from shared.adapters.azure_transport import SharedTransport
from shared.domain.trail import Order, Trail
from shared.ports.channel import OutgoingMessage
from shared.settings import settings_from
from shared.usecases.deliver_code import DeliverCode
from shared.usecases.deliver_notice import DeliverNotice
from shared.usecases.deliver_reminder import DeliverReminder
from shared.wiring import Adapters, Service
from tests.fakes.outbox import MemoryOutbox


class CountingTransport(SharedTransport):
    """The real transport, with a count by `VERB Table`."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: Counter[str] = Counter()

    async def send(self, request: Any, **options: Any) -> Any:
        table = request.url.split("?")[0].rsplit("/", 1)[-1].split("(")[0]
        self.requests[f"{request.method} {table}"] += 1
        return await super().send(request, **options)


class Drawer:
    """A channel that stores the messages it is given."""

    def __init__(self) -> None:
        self.messages: list[OutgoingMessage] = []

    async def send(self, message: OutgoingMessage) -> None:
        self.messages.append(message)


class Bench:
    """One instance: its service, its request counts, its messages."""

    def __init__(self, service: Service, transport: CountingTransport, drawer: Drawer) -> None:
        self.service = service
        self.transport = transport
        self.drawer = drawer
        self.orders: list[Order] = service.adapters.outbox.orders
        """Codes and reminders that were ordered."""

    def calls(self) -> Counter[str]:
        """Return the counts since the last call."""
        tally, self.transport.requests = self.transport.requests, Counter()
        return tally

    async def deliver(self, order: Order, trail: Trail | None = None) -> None:
        """Handle the queued messages as the queue trigger would."""
        kind = type(order).__name__
        use_case: Any = {
            "CodeOrder": self.service.use(DeliverCode),
            "NoticeOrder": self.service.use(DeliverNotice),
            "ReminderOrder": self.service.use(DeliverReminder),
        }[kind]
        await use_case(order, trail or Trail())


@asynccontextmanager
async def bench(storage: str, policy: str = "{}", keys: Mapping[str, str] | None = None) -> AsyncIterator[Bench]:
    environment = service_environment(
        {**os.environ, "SESAME_POLICY": policy}, Ports.free(1), keys or fresh_keys(), storage
    )
    adapters = Adapters(settings_from(environment))
    transport, drawer = CountingTransport(), Drawer()
    adapters.table_service = TableServiceClient.from_connection_string(storage, transport=transport)
    adapters.outbox = MemoryOutbox()
    adapters.channels = {"email": drawer, "sms": drawer}
    await prepare_storage(adapters)
    running = Bench(Service(adapters), transport, drawer)
    running.calls()
    try:
        yield running
    finally:
        await adapters.close()
        await transport.shut()
