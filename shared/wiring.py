"""WIRING: the only file where a port meets its adapter. Vendors are imported where they are first needed (cold start).

Each property is built on first use and kept: clients are shared by all requests of an instance.

Long: one short property for each port and each use-case, in one place, keeps every other file free of them.
"""

import asyncio
import os
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from shared.adapters.keyring import SealedKeyring, VersionedKeys
from shared.adapters.sealed_tokens import SealedTokens
from shared.adapters.system import SystemClock, SystemRandomness
from shared.domain.policy import Policy
from shared.settings import BadSettings as BadSettings  # what `service` raises, for those who call it
from shared.settings import Settings, settings_from

if TYPE_CHECKING:  # nothing here is a handler's annotation, so the worker never evaluates these
    from azure.core.credentials import AzureKeyCredential
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.data.tables.aio import TableServiceClient

    from shared.adapters.azure_queues.promised_notices import QueuePromisedNotices
    from shared.adapters.azure_tables._table import Table
    from shared.adapters.azure_tables.audit_log import TableAuditLog
    from shared.adapters.azure_tables.due_index import TableDueIndex
    from shared.adapters.azure_tables.names import TableNames
    from shared.adapters.azure_tables.people import TablePeople
    from shared.adapters.azure_tables.rate_limiter import TableRateLimiter
    from shared.adapters.azure_tables.shared_tally import TableSharedTally
    from shared.adapters.directories.embedded import EmbeddedDirectory
    from shared.ports.channel import Channel
    from shared.usecases._answering import Answering
    from shared.usecases._due import Scheduling
    from shared.usecases._password import SettingPassword
    from shared.usecases._password_rules import PasswordRules
    from shared.usecases._standing import Standing
    from shared.usecases.change_password import ChangePassword
    from shared.usecases.check_password import CheckPassword
    from shared.usecases.create_account import CreateAccount
    from shared.usecases.deliver_code import DeliverCode
    from shared.usecases.deliver_notice import DeliverNotice
    from shared.usecases.deliver_nudge import DeliverNudge
    from shared.usecases.erase import Erase
    from shared.usecases.issue_challenge import IssueChallenge
    from shared.usecases.mark_undelivered import MarkUndelivered
    from shared.usecases.prefill import Prefill
    from shared.usecases.purge import Purge
    from shared.usecases.reconfirm import Reconfirm
    from shared.usecases.record_event import RecordEvent
    from shared.usecases.register import Register
    from shared.usecases.remind import Remind
    from shared.usecases.remove_method import RemoveMethod
    from shared.usecases.set_password import SetPassword
    from shared.usecases.sign_in import SignIn
    from shared.usecases.start_verification import StartVerification
    from shared.usecases.tell_later import TellLater
    from shared.usecases.verify import Verify
    from shared.usecases.view_registration import ViewRegistration

OUTBOX = "outbox"
AUDIT = "audit"
DELIVERY_REPORTS = "delivery-reports"
ALL_QUEUES = (OUTBOX, AUDIT, DELIVERY_REPORTS)


class Adapters:
    """The ports' real sides."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self.randomness = SystemRandomness()
        self.keyring = SealedKeyring(
            index_key=settings.index_key,
            code_keys=VersionedKeys(settings.code_keys),
            seal_keys=VersionedKeys(settings.seal_keys),
            directory_id="embedded",
        )
        self.tokens = SealedTokens(VersionedKeys(settings.token_keys))

    @cached_property
    def table_service(self) -> "TableServiceClient":
        from azure.data.tables.aio import TableServiceClient

        from shared.adapters.azure_tables._table import CONNECT_SECONDS, READ_SECONDS
        from shared.adapters.azure_tables._transport import LeanTransport

        options: dict[str, Any] = {
            "retry_total": 2,
            "retry_backoff_factor": 0.2,
            "transport": LeanTransport(connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS),
        }
        if self.settings.storage_connection:
            return TableServiceClient.from_connection_string(self.settings.storage_connection, **options)
        url = f"https://{self.settings.storage_account}.table.core.windows.net"
        return TableServiceClient(url, credential=self.identity, **options)

    @cached_property
    def identity(self) -> "AsyncTokenCredential":
        from shared.adapters.identity import identity

        return identity(on_azure=self.settings.on_azure, client_id=self.settings.identity_client_id)

    def _table(self, name: str) -> "Table":
        from shared.adapters.azure_tables._table import Table

        return Table(self.table_service.get_table_client(name))

    @cached_property
    def people(self) -> "TablePeople":
        from shared.adapters.azure_tables import PEOPLE
        from shared.adapters.azure_tables.people import TablePeople

        return TablePeople(self._table(PEOPLE), self.clock)

    @cached_property
    def names(self) -> "TableNames":
        from shared.adapters.azure_tables import NAMES
        from shared.adapters.azure_tables.names import TableNames

        return TableNames(self._table(NAMES))

    @cached_property
    def limiter(self) -> "TableRateLimiter":
        from shared.adapters.azure_tables import COUNTERS
        from shared.adapters.azure_tables.rate_limiter import TableRateLimiter

        return TableRateLimiter(self._table(COUNTERS), self.clock)

    @cached_property
    def tally(self) -> "TableSharedTally":
        from shared.adapters.azure_tables import COUNTERS
        from shared.adapters.azure_tables.shared_tally import TableSharedTally

        return TableSharedTally(self._table(COUNTERS), self.clock, self.randomness.token())

    @cached_property
    def due(self) -> "TableDueIndex":
        from shared.adapters.azure_tables import DUE
        from shared.adapters.azure_tables.due_index import TableDueIndex

        return TableDueIndex(self._table(DUE))

    @cached_property
    def audit_log(self) -> "TableAuditLog":
        from shared.adapters.azure_tables import AUDIT as AUDIT_TABLE
        from shared.adapters.azure_tables.audit_log import TableAuditLog

        return TableAuditLog(self._table(AUDIT_TABLE))

    @cached_property
    def directory(self) -> "EmbeddedDirectory":
        from shared.adapters.argon2_hasher import Argon2Hasher
        from shared.adapters.azure_tables import ACCOUNTS
        from shared.adapters.directories.embedded import EmbeddedDirectory

        hasher = Argon2Hasher(VersionedKeys(self.settings.peppers))
        return EmbeddedDirectory(self._table(ACCOUNTS), hasher, self.keyring, self.clock)

    @cached_property
    def promised(self) -> "QueuePromisedNotices":
        from shared.adapters.azure_queues.promised_notices import QueuePromisedNotices

        url = f"https://{self.settings.storage_account}.queue.core.windows.net"
        return QueuePromisedNotices(self.settings.storage_connection, url, OUTBOX, lambda: self.identity)

    @cached_property
    def channels(self) -> "dict[str, Channel]":
        from shared.adapters.acs.email_channel import AcsEmailChannel
        from shared.adapters.acs.sms_channel import AcsSmsChannel

        settings = self.settings
        return {
            "email": AcsEmailChannel(settings.acs_endpoint, self._acs_credential, settings.email_sender),
            "sms": AcsSmsChannel(settings.acs_endpoint, self._acs_credential, settings.sms_sender),
        }

    def _acs_credential(self) -> "AzureKeyCredential | AsyncTokenCredential":
        """A key locally (settings refuse one on Azure), the managed identity everywhere else."""
        if self.settings.acs_access_key is None:
            return self.identity
        from azure.core.credentials import AzureKeyCredential

        return AzureKeyCredential(self.settings.acs_access_key)


async def _blocklist() -> frozenset[str]:
    from shared.adapters.common_passwords import load

    return await asyncio.to_thread(load)


class Service:
    """Every use-case, ready to be called."""

    def __init__(self, adapters: Adapters) -> None:
        self.adapters = adapters
        self.settings = adapters.settings

    @property
    def policy(self) -> Policy:
        return self.settings.policy

    @cached_property
    def start_verification(self) -> "StartVerification":
        from shared.usecases.start_verification import StartVerification

        a = self.adapters
        return StartVerification(a.names, a.limiter, a.keyring, a.tokens, a.clock, a.randomness, self.policy)

    @cached_property
    def issue_challenge(self) -> "IssueChallenge":
        from shared.usecases.issue_challenge import IssueChallenge

        a = self.adapters
        return IssueChallenge(a.people, a.keyring, a.tokens, a.clock, self.policy)

    @cached_property
    def verify(self) -> "Verify":
        from shared.usecases.verify import Verify

        a = self.adapters
        return Verify(self._answering, a.limiter, a.keyring, a.tokens, a.clock, self.policy)

    @cached_property
    def set_password(self) -> "SetPassword":
        from shared.usecases.set_password import SetPassword

        a = self.adapters
        return SetPassword(self._setting_password, self._password_rules, a.keyring, a.tokens, a.clock, self.policy)

    @cached_property
    def check_password(self) -> "CheckPassword":
        from shared.usecases.check_password import CheckPassword

        return CheckPassword(self._password_rules)

    @cached_property
    def sign_in(self) -> "SignIn":
        from shared.usecases.sign_in import SignIn

        a = self.adapters
        return SignIn(a.directory, a.names, a.limiter, a.keyring, a.tokens, a.clock, self.policy)

    @cached_property
    def view_registration(self) -> "ViewRegistration":
        from shared.usecases.view_registration import ViewRegistration

        return ViewRegistration(self.adapters.people, self._standing)

    @cached_property
    def register(self) -> "Register":
        from shared.usecases.register import Register

        a = self.adapters
        return Register(a.people, self._answering, self._scheduling, self._standing, a.limiter, a.randomness)

    @cached_property
    def remove_method(self) -> "RemoveMethod":
        from shared.usecases.remove_method import RemoveMethod

        a = self.adapters
        return RemoveMethod(a.people, self._scheduling, self._standing, a.promised, a.randomness)

    @cached_property
    def reconfirm(self) -> "Reconfirm":
        from shared.usecases.reconfirm import Reconfirm

        return Reconfirm(self.adapters.people, self._scheduling, self._standing)

    @cached_property
    def change_password(self) -> "ChangePassword":
        from shared.usecases.change_password import ChangePassword

        return ChangePassword(self._setting_password, self._password_rules, self._standing, self.adapters.limiter)

    @cached_property
    def prefill(self) -> "Prefill":
        from shared.usecases.prefill import Prefill

        a = self.adapters
        return Prefill(a.people, a.names, a.directory, self._standing)

    @cached_property
    def erase(self) -> "Erase":
        from shared.usecases.erase import Erase

        a = self.adapters
        return Erase(a.people, a.names, a.due, a.limiter, a.directory, a.randomness, self._standing)

    @cached_property
    def deliver_code(self) -> "DeliverCode":
        from shared.usecases.deliver_code import DeliverCode

        a = self.adapters
        return DeliverCode(
            a.people,
            a.limiter,
            a.tally,
            a.channels,
            a.keyring,
            a.clock,
            a.randomness,
            self.settings.product_name,
            self.policy,
        )

    @cached_property
    def deliver_notice(self) -> "DeliverNotice":
        from shared.usecases.deliver_notice import DeliverNotice

        a = self.adapters
        return DeliverNotice(
            a.people, a.limiter, a.channels, a.keyring, a.clock, self.settings.product_name, self.policy
        )

    @cached_property
    def tell_later(self) -> "TellLater":
        from shared.usecases.tell_later import TellLater

        a = self.adapters
        return TellLater(a.people, a.promised, a.clock)

    @cached_property
    def deliver_nudge(self) -> "DeliverNudge":
        from shared.usecases.deliver_nudge import DeliverNudge

        a = self.adapters
        return DeliverNudge(
            a.people,
            a.due,
            a.limiter,
            a.channels,
            a.keyring,
            a.clock,
            a.randomness,
            self.settings.product_name,
            self.policy,
        )

    @cached_property
    def mark_undelivered(self) -> "MarkUndelivered":
        from shared.usecases.mark_undelivered import MarkUndelivered

        a = self.adapters
        return MarkUndelivered(a.people, a.keyring, a.clock)

    @cached_property
    def remind(self) -> "Remind":
        from shared.usecases.remind import Remind

        return Remind(self.adapters.due, self.adapters.clock)

    @cached_property
    def purge(self) -> "Purge":
        from shared.usecases.purge import Purge

        a = self.adapters
        return Purge((a.limiter, a.people, a.audit_log), a.clock)

    @cached_property
    def record_event(self) -> "RecordEvent":
        from shared.usecases.record_event import RecordEvent

        return RecordEvent(self.adapters.audit_log)

    @cached_property
    def create_account(self) -> "CreateAccount":
        from shared.usecases.create_account import CreateAccount

        a = self.adapters
        return CreateAccount(a.directory, a.names, a.keyring)

    # -- what several use-cases are made of --

    @cached_property
    def _answering(self) -> "Answering":
        from shared.usecases._answering import Answering

        a = self.adapters
        return Answering(a.people, a.promised, a.keyring, a.clock, a.randomness, self.policy)

    @cached_property
    def _setting_password(self) -> "SettingPassword":
        from shared.usecases._password import SettingPassword

        a = self.adapters
        return SettingPassword(a.people, a.directory, a.promised, a.clock, a.randomness)

    @cached_property
    def _password_rules(self) -> "PasswordRules":
        from shared.usecases._password_rules import PasswordRules

        return PasswordRules(_blocklist, self.settings.product_name, self.policy)

    @cached_property
    def _standing(self) -> "Standing":
        from shared.usecases._standing import Standing

        a = self.adapters
        return Standing(a.keyring, a.tokens, a.clock, self.policy)

    @cached_property
    def _scheduling(self) -> "Scheduling":
        from shared.usecases._due import Scheduling

        a = self.adapters
        return Scheduling(a.due, a.clock, self.policy)


@cache
def service() -> Service:
    """The service of this process. Raises BadSettings with every fault of the environment."""
    return Service(Adapters(settings_from(os.environ)))  # noqa: TID251  the environment is read here and nowhere else


async def prepare_storage(adapters: Adapters) -> None:
    """Create the tables and queues that are missing. Locally only: in Azure the deployment makes them."""
    from azure.core.exceptions import ResourceExistsError
    from azure.storage.queue.aio import QueueServiceClient

    from shared.adapters.azure_tables import ALL_TABLES

    for name in ALL_TABLES:
        await adapters.table_service.create_table_if_not_exists(name)
    async with QueueServiceClient.from_connection_string(adapters.settings.storage_connection or "") as queues:
        for name in ALL_QUEUES:
            try:
                await queues.create_queue(name)
            except ResourceExistsError:
                continue
