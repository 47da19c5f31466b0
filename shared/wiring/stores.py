"""Connect the ports of what is kept to their adapters: tables and queues."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.ports.clock import Clock
from shared.ports.randomness import Randomness
from shared.settings import Settings

if TYPE_CHECKING:  # no handler has these annotations, so the worker never evaluates them
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.data.tables.aio import TableServiceClient

    from shared.adapters.azure_queues._queue import Queue
    from shared.adapters.azure_queues.audit_outbox import QueueAuditOutbox
    from shared.adapters.azure_queues.given_up import QueueGivenUp
    from shared.adapters.azure_queues.import_orders import QueueImportOrders
    from shared.adapters.azure_queues.promised_notices import QueuePromisedNotices
    from shared.adapters.azure_tables._table import Table
    from shared.adapters.azure_tables.audit_log import TableAuditLog
    from shared.adapters.azure_tables.coverage import TableCoverage
    from shared.adapters.azure_tables.due_index import TableDueIndex
    from shared.adapters.azure_tables.expiring import ExpiringTables
    from shared.adapters.azure_tables.imports import TableImports
    from shared.adapters.azure_tables.names import TableNames
    from shared.adapters.azure_tables.opt_outs import TableOptOuts
    from shared.adapters.azure_tables.people import TablePeople
    from shared.adapters.azure_tables.rate_limiter import TableRateLimiter
    from shared.adapters.azure_tables.shared_tally import TableSharedTally
    from shared.adapters.azure_transport import SharedTransport

OUTBOX, AUDIT, DELIVERY_REPORTS, IMPORTS = "outbox", "audit", "delivery-reports", "imports"
ALL_QUEUES = (OUTBOX, AUDIT, DELIVERY_REPORTS, IMPORTS)


class Stores:
    """One service client for each kind of storage; all requests of an instance share its connections."""

    settings: Settings
    clock: Clock
    randomness: Randomness

    @cached_property
    def transport(self) -> "SharedTransport":
        from shared.adapters.azure_transport import SharedTransport

        return SharedTransport(use_proxy_settings=self.settings.use_proxy_settings)

    @cached_property
    def identity(self) -> "AsyncTokenCredential":
        from shared.adapters.identity import identity

        managed, client_id = self.settings.has_managed_identity, self.settings.identity_client_id
        return identity(managed=managed, client_id=client_id, transport=self.transport)

    @cached_property
    def table_service(self) -> "TableServiceClient":
        from shared.adapters.azure_tables._table import table_service

        connection, url = self.settings.storage_connection, self.settings.table_service
        return table_service(connection, url, lambda: self.identity, self.transport)

    def table(self, name: str) -> "Table":
        from shared.adapters.azure_tables._table import Table

        return Table(self.table_service.get_table_client(name))

    @cached_property
    def people(self) -> "TablePeople":
        from shared.adapters.azure_tables import PEOPLE
        from shared.adapters.azure_tables.people import TablePeople

        return TablePeople(self.table(PEOPLE), self.expiring.strangers)

    @cached_property
    def names(self) -> "TableNames":
        from shared.adapters.azure_tables import NAMES
        from shared.adapters.azure_tables.names import TableNames

        return TableNames(self.table(NAMES))

    @cached_property
    def opt_outs(self) -> "TableOptOuts":
        from shared.adapters.azure_tables import OPT_OUTS
        from shared.adapters.azure_tables.opt_outs import TableOptOuts

        return TableOptOuts(self.table(OPT_OUTS))

    @cached_property
    def coverage(self) -> "TableCoverage":
        from shared.adapters.azure_tables import COVERAGE
        from shared.adapters.azure_tables._periods import made_on_demand
        from shared.adapters.azure_tables.coverage import TableCoverage

        return TableCoverage(made_on_demand(self.table_service, COVERAGE))

    @cached_property
    def limiter(self) -> "TableRateLimiter":
        from shared.adapters.azure_tables.rate_limiter import TableRateLimiter

        return TableRateLimiter(self.expiring.counters, self.clock)

    @cached_property
    def tally(self) -> "TableSharedTally":
        from shared.adapters.azure_tables.shared_tally import TableSharedTally

        return TableSharedTally(self.expiring.counters, self.clock, self.randomness.token())

    due = property(lambda self: self._index("remind"))
    forgetting = property(lambda self: self._index("forget"))
    expiries = property(lambda self: self._index("expire"))
    owed = property(lambda self: self._index("owed"))
    unfinished = property(lambda self: self._index("import"))
    outbox = cached_property(lambda self: self.promised)

    def _index(self, kind: str) -> "TableDueIndex":
        from shared.adapters.azure_tables import DUE
        from shared.adapters.azure_tables.due_index import TableDueIndex

        return TableDueIndex(self.table(DUE), kind)

    @cached_property
    def audit_log(self) -> "TableAuditLog":
        from shared.adapters.azure_tables.audit_log import TableAuditLog

        return TableAuditLog(self.expiring.audit)

    @cached_property
    def imports(self) -> "TableImports":
        from shared.adapters.azure_tables.imports import TableImports

        return TableImports(self.expiring.imports)

    @cached_property
    def expiring(self) -> "ExpiringTables":
        """The tables by period. The purge drops those that have expired."""
        from shared.adapters.azure_tables.expiring import ExpiringTables

        return ExpiringTables.of(self.table_service)

    def queue(self, name: str) -> "Queue":
        from shared.adapters.azure_queues._queue import Queue

        connection, url = self.settings.storage_connection, self.settings.queue_service
        return Queue(name, connection, url, lambda: self.identity, self.transport)

    @cached_property
    def promised(self) -> "QueuePromisedNotices":
        from shared.adapters.azure_queues.promised_notices import QueuePromisedNotices

        return QueuePromisedNotices(self.queue(OUTBOX), self.owed, self.clock)

    @cached_property
    def import_orders(self) -> "QueueImportOrders":
        from shared.adapters.azure_queues.import_orders import QueueImportOrders

        return QueueImportOrders(self.queue(IMPORTS))

    @cached_property
    def audit_outbox(self) -> "QueueAuditOutbox":
        from shared.adapters.azure_queues.audit_outbox import QueueAuditOutbox

        return QueueAuditOutbox(self.queue(AUDIT))

    @cached_property
    def given_up(self) -> "QueueGivenUp":
        from shared.adapters.azure_queues.given_up import QueueGivenUp

        return QueueGivenUp(ALL_QUEUES, self.queue)
