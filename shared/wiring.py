"""Connect each port to its adapter. No other file does.

Each adapter is built on first use and kept, because all requests of an instance share its connections. The packages of
vendors are imported where they are first needed, so that a cold start loads only what its first request uses.

A use-case is built from the names of its fields: each field gets the adapter or the setting of the same name. A field
whose type is in `shared/usecases/_*.py` is built in the same way.
"""

import asyncio
import os
from dataclasses import fields, is_dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from shared.adapters.keyring import SealedKeyring, VersionedKeys
from shared.adapters.sealed_tokens import SealedTokens
from shared.adapters.system import SystemClock, SystemRandomness
from shared.domain.session import Session
from shared.ports.tokens import TokenPurpose
from shared.settings import BadSettings as BadSettings  # exported for the callers of `service`
from shared.settings import Settings, settings_from

if TYPE_CHECKING:  # no handler has these annotations, so the worker never evaluates them
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.data.tables.aio import TableServiceClient

    from shared.adapters.acs import Acs
    from shared.adapters.altcha_bot_checks import AltchaBotChecks
    from shared.adapters.argon2_hasher import Argon2Hasher
    from shared.adapters.azure_queues._queue import Queue
    from shared.adapters.azure_queues.audit_outbox import QueueAuditOutbox
    from shared.adapters.azure_queues.given_up import QueueGivenUp
    from shared.adapters.azure_queues.promised_notices import QueuePromisedNotices
    from shared.adapters.azure_tables._table import Table
    from shared.adapters.azure_tables.audit_log import TableAuditLog
    from shared.adapters.azure_tables.due_index import TableDueIndex
    from shared.adapters.azure_tables.expiring import ExpiringTables
    from shared.adapters.azure_tables.names import TableNames
    from shared.adapters.azure_tables.opt_outs import TableOptOuts
    from shared.adapters.azure_tables.people import TablePeople
    from shared.adapters.azure_tables.rate_limiter import TableRateLimiter
    from shared.adapters.azure_tables.shared_tally import TableSharedTally
    from shared.adapters.azure_transport import SharedTransport
    from shared.ports.directory import Directory

OUTBOX, AUDIT, DELIVERY_REPORTS = "outbox", "audit", "delivery-reports"
ALL_QUEUES = (OUTBOX, AUDIT, DELIVERY_REPORTS)

T = TypeVar("T")


class Adapters:
    """The values for the fields of use-cases: an adapter for each port, and the settings that use-cases read."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.policy, self.web_host = settings, settings.policy, settings.web_host
        self.organisation, self.senders = settings.organisation, settings.senders
        self.offered_channels, self.channels_by_method = settings.offered_channels, settings.channels_by_method
        self.directory_options, self.relying_party = settings.directory_options, settings.relying_party
        self.return_addresses, self.register_page = settings.return_addresses, settings.register_page
        self.clock, self.randomness = SystemClock(), SystemRandomness()
        versions = VersionedKeys(settings.code_keys), VersionedKeys(settings.seal_keys)
        self.keyring = SealedKeyring(settings.index_key, *versions, directory_id=settings.directory)
        self.tokens = SealedTokens(VersionedKeys(settings.token_keys))

    @cached_property
    def transport(self) -> "SharedTransport":
        from shared.adapters.azure_transport import SharedTransport

        return SharedTransport(use_proxy_settings=self.settings.use_proxy_settings)

    async def close(self) -> None:
        """Close the connections. On Azure they stay open as long as the process runs."""
        for name in self.__dict__.keys() & {"audit_outbox", "promised"}:
            await self.__dict__[name].settle()
        for name in ("tally", "directory"):
            if close := getattr(self.__dict__.get(name), "close", None):
                await close()
        await self.transport.shut()

    @cached_property
    def table_service(self) -> "TableServiceClient":
        from shared.adapters.azure_tables._table import table_service

        connection, url = self.settings.storage_connection, self.settings.table_service
        return table_service(connection, url, lambda: self.identity, self.transport)

    @cached_property
    def identity(self) -> "AsyncTokenCredential":
        from shared.adapters.identity import identity

        on_azure, client_id = self.settings.on_azure, self.settings.identity_client_id
        return identity(on_azure=on_azure, client_id=client_id, transport=self.transport)

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
    def limiter(self) -> "TableRateLimiter":
        from shared.adapters.azure_tables.rate_limiter import TableRateLimiter

        return TableRateLimiter(self.expiring.counters, self.clock)

    @cached_property
    def tally(self) -> "TableSharedTally":
        from shared.adapters.azure_tables.shared_tally import TableSharedTally

        return TableSharedTally(self.expiring.counters, self.clock, self.randomness.token())

    @cached_property
    def bot_checks(self) -> "AltchaBotChecks":
        from shared.adapters.altcha_bot_checks import AltchaBotChecks

        return AltchaBotChecks(self.policy)

    due = property(lambda self: self._index("remind"))
    forgetting = property(lambda self: self._index("forget"))
    owed = property(lambda self: self._index("owed"))
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
    def expiring(self) -> "ExpiringTables":
        """The tables by period. The purge drops those that have expired."""
        from shared.adapters.azure_tables.expiring import ExpiringTables

        return ExpiringTables.of(self.table_service)

    @cached_property
    def directory(self) -> "Directory":
        from shared.adapters.directories import build

        return build(self.settings.directory, self)

    @cached_property
    def hasher(self) -> "Argon2Hasher":
        from shared.adapters.argon2_hasher import Argon2Hasher, Cost

        return Argon2Hasher(VersionedKeys(self.settings.peppers), Cost.of(self.policy))

    account_register = property(lambda self: self.directory)  # the embedded one: only it can create accounts

    def queue(self, name: str) -> "Queue":
        from shared.adapters.azure_queues._queue import Queue

        connection, url = self.settings.storage_connection, self.settings.queue_service
        return Queue(name, connection, url, lambda: self.identity, self.transport)

    @cached_property
    def promised(self) -> "QueuePromisedNotices":
        from shared.adapters.azure_queues.promised_notices import QueuePromisedNotices

        return QueuePromisedNotices(self.queue(OUTBOX), self.owed, self.clock)

    @cached_property
    def audit_outbox(self) -> "QueueAuditOutbox":
        from shared.adapters.azure_queues.audit_outbox import QueueAuditOutbox

        return QueueAuditOutbox(self.queue(AUDIT))

    @cached_property
    def given_up(self) -> "QueueGivenUp":
        from shared.adapters.azure_queues.given_up import QueueGivenUp

        return QueueGivenUp(ALL_QUEUES, self.queue)

    channels = cached_property(lambda self: self.provider.channels)
    calls = cached_property(lambda self: self.provider.calls)
    call_signatures = cached_property(lambda self: self.provider.call_signatures)

    @cached_property
    def provider(self) -> "Acs":
        from shared.adapters.acs import Acs

        of, ours = self.settings, (lambda: self.identity, self.transport)
        return Acs(of.acs_endpoint, of.acs_access_key, of.email_sender, of.senders, of.line, *ours)

    async def blocklist(self) -> frozenset[str]:
        """Return the common passwords. Their file is read on first use."""
        from shared.adapters.common_passwords import load

        return await asyncio.to_thread(load)


class Service:
    """Builds use-cases: `await service().use(Verify)(token, ...)`."""

    def __init__(self, adapters: Adapters) -> None:
        self.adapters, self.settings = adapters, adapters.settings
        self._built: dict[type[Any], Any] = {}

    def use(self, kind: type[T]) -> T:
        """Return the use-case of that class, built once. Raises AttributeError for a field without an adapter."""
        if kind not in self._built:
            parts = {f.name: self._part(f.name, f.type) for f in fields(cast("Any", kind)) if f.init}
            self._built[kind] = kind(**parts)
        return cast("T", self._built[kind])

    def session(self, token: str, role: str) -> Session:
        """Return the session of a bearer token. Raises SignInRequired if it has expired or is not for that role."""
        activated, registering = [TokenPurpose.ACTIVATION], [TokenPurpose.SESSION, TokenPurpose.ACTIVATION]
        wanted = {"activated": activated, "registering": registering}.get(role, [TokenPurpose.SESSION])
        return self.adapters.tokens.open_one_of(wanted, token, Session).still_valid(self.adapters.clock.now())

    def _part(self, name: str, kind: Any) -> Any:
        if is_dataclass(kind) and isinstance(kind, type) and kind.__module__.startswith("shared.usecases."):
            return self.use(kind)
        return getattr(self.adapters, name)


@cache
def service() -> Service:
    """Return the service of this process. Raises BadSettings with every fault of the environment."""
    return Service(Adapters(settings_from(os.environ)))  # noqa: TID251  the only place where the environment is read
