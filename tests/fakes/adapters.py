"""All fakes, under the names that `shared.wiring.Service` uses."""

from collections.abc import Collection
from dataclasses import replace
from types import SimpleNamespace

from shared.adapters.altcha_bot_checks import AltchaBotChecks
from shared.adapters.common_passwords import load
from shared.domain.organisation import Organisation
from shared.domain.policy import Policy
from shared.domain.return_address import ReturnAddress
from shared.domain.roles import Scope
from shared.methods import RelyingParty, channels_of
from shared.validation.senders import senders
from tests.fakes.audit_log import MemoryAuditLog
from tests.fakes.audit_outbox import MemoryAuditOutbox
from tests.fakes.calls import MemoryCalls, MemorySignatures
from tests.fakes.channel import MemoryChannel
from tests.fakes.clock import FixedClock
from tests.fakes.coverage import MemoryCoverage
from tests.fakes.directory import MemoryDirectory
from tests.fakes.due_index import MemoryDueIndex
from tests.fakes.entra import StandinTokens
from tests.fakes.hasher import CountingHasher
from tests.fakes.imports import MemoryImportOrders, MemoryImports
from tests.fakes.keys import a_keyring, some_tokens
from tests.fakes.names import MemoryNames
from tests.fakes.opt_outs import MemoryOptOuts
from tests.fakes.outbox import MemoryOutbox
from tests.fakes.people import MemoryPeople
from tests.fakes.promised_notices import MemoryPromisedNotices
from tests.fakes.randomness import ScriptedRandomness
from tests.fakes.rate_limiter import MemoryRateLimiter
from tests.fakes.shared_tally import MemorySharedTally

RELYING_PARTY = RelyingParty(id="sesame.example", name="Testing", origins=("https://reset.sesame.example",))


class FakeAdapters:
    """Replaces `shared.wiring.Adapters`."""

    def __init__(self, policy: Policy) -> None:
        self.settings = SimpleNamespace(
            policy=policy,
            organisation=Organisation(name="Testing"),
            web_origins=(),
            trusted_hops=0,
            client_address_header="",
            front_door_id="",
        )
        self.policy = policy
        self.organisation, self.web_host = self.settings.organisation, "reset.example.org"
        self.relying_party = RELYING_PARTY
        self.return_addresses = (ReturnAddress("Portal", "https://portal.example.org/start"),)
        self.scopes: tuple[Scope, ...] = ()
        self.register_page = "https://reset.sesame.example/register"
        self.clock = FixedClock()
        self.randomness = ScriptedRandomness()
        self.keyring = a_keyring()
        self.hasher = CountingHasher()
        self.tokens = some_tokens()
        self.people = MemoryPeople()
        self.names = MemoryNames()
        self.limiter = MemoryRateLimiter(self.clock)
        self.tally = MemorySharedTally(self.clock)
        self.due = MemoryDueIndex()
        self.forgetting = MemoryDueIndex()
        self.expiries = MemoryDueIndex()
        self.owed = MemoryDueIndex()
        self.unfinished = MemoryDueIndex()
        self.imports, self.import_orders = MemoryImports(), MemoryImportOrders()
        self.opt_outs = MemoryOptOuts()
        self.senders, _ = senders("+18005550199, Testing, Testing:GB")
        self.audit_log = MemoryAuditLog()
        self.coverage = MemoryCoverage()
        self.bot_checks = AltchaBotChecks(replace(policy, bot_check_memory_kib=64, bot_check_tries=2))
        self.audit_outbox = MemoryAuditOutbox()
        self.directory = MemoryDirectory(self.clock)
        self.entra = StandinTokens(self.clock)
        self.sign_in_tokens = self.entra.checks
        self.outbox = MemoryOutbox()
        self.promised = MemoryPromisedNotices(self.clock)
        self.email = MemoryChannel()
        self.sms = MemoryChannel()
        self.channels = {"email": self.email, "sms": self.sms}
        self.calls = MemoryCalls()
        self.call_signatures = MemorySignatures()
        self.offer({"email", "sms"})
        self.account_register = self.accounts_here = self.directory
        self.expiring = ()

    def offer(self, channels: Collection[str]) -> None:
        """Be an installation with these channels."""
        self.offered_channels = frozenset(channels)
        found = ((name, channels_of(name, channels)) for name in self.policy.methods)
        self.channels_by_method = {name: ours for name, ours in found if ours}

    async def blocklist(self) -> frozenset[str]:
        return load()
