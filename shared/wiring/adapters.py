"""Connect every other port to its adapter, and take the settings that use-cases read."""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from shared.adapters.keyring import SealedKeyring, VersionedKeys
from shared.adapters.sealed_tokens import SealedTokens
from shared.adapters.system import SystemClock, SystemRandomness
from shared.settings import Settings
from shared.wiring.stores import Stores

if TYPE_CHECKING:  # no handler has these annotations, so the worker never evaluates them
    from shared.adapters.acs import Acs
    from shared.adapters.altcha_bot_checks import AltchaBotChecks
    from shared.adapters.argon2_hasher import Argon2Hasher
    from shared.ports.directory import Directory
    from shared.ports.sign_in_tokens import SignInTokens


class Adapters(Stores):
    """The values for the fields of use-cases: an adapter for each port, and the settings that use-cases read."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.policy, self.web_host = settings, settings.policy, settings.web_host
        self.organisation, self.senders = settings.organisation, settings.senders
        self.offered_channels, self.channels_by_method = settings.offered_channels, settings.channels_by_method
        self.directory_options, self.relying_party = settings.directory_options, settings.relying_party
        self.scopes, self.return_addresses = settings.scopes, settings.return_addresses
        self.register_page = settings.register_page
        self.clock, self.randomness = SystemClock(), SystemRandomness()
        versions = VersionedKeys(settings.code_keys), VersionedKeys(settings.seal_keys)
        self.keyring = SealedKeyring(settings.index_key, *versions, directory_id=settings.directory)
        self.tokens = SealedTokens(VersionedKeys(settings.token_keys))

    async def close(self) -> None:
        """Close the connections. On Azure they stay open as long as the process runs."""
        for name in self.__dict__.keys() & {"audit_outbox", "promised"}:
            await self.__dict__[name].settle()
        for name in ("tally", "directory"):
            if close := getattr(self.__dict__.get(name), "close", None):
                await close()
        await self.transport.shut()

    @cached_property
    def bot_checks(self) -> "AltchaBotChecks":
        from shared.adapters.altcha_bot_checks import AltchaBotChecks

        return AltchaBotChecks(self.policy)

    @cached_property
    def directory(self) -> "Directory":
        from shared.adapters.directories import build

        return build(self.settings.directory, self)

    @cached_property
    def sign_in_tokens(self) -> "SignInTokens":
        from shared.adapters.entra_tokens import EntraTokens, NoTokens
        from shared.adapters.entra_tokens.keys import SigningKeys, fetch_from

        if (apps := self.settings.entra) is None:
            return NoTokens()
        return EntraTokens(apps, SigningKeys(fetch_from(apps.keys, self.transport), self.clock), self.clock)

    @cached_property
    def hasher(self) -> "Argon2Hasher":
        from shared.adapters.argon2_hasher import Argon2Hasher, Cost

        return Argon2Hasher(VersionedKeys(self.settings.peppers), Cost.of(self.policy))

    account_register = property(lambda self: self.directory)  # the embedded one: only it can create accounts
    accounts_here = property(lambda self: self.directory if hasattr(self.directory, "held") else None)  # or list them

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
