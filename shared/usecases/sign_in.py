"""Sign in with the directory's own name and password, in order to register (M1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.account import AccountKey, DirectoryEntry
from shared.domain.audit import AuditEvent, Tag
from shared.domain.errors import Limited, SignInRequired
from shared.domain.policy import Policy
from shared.domain.rate import Rate
from shared.domain.session import Session
from shared.domain.trail import Trail
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.ports.names import Names
from shared.ports.rate_limiter import RateLimiter
from shared.ports.tokens import TokenPurpose, Tokens


@dataclass(frozen=True, slots=True)
class SignIn:
    """An unknown name costs the same hash and gets the same answer; the directory's own lockout is never reached."""

    directory: Directory
    names: Names
    limiter: RateLimiter
    keyring: Keyring
    tokens: Tokens
    clock: Clock
    policy: Policy

    async def __call__(self, identifier: str, password: str, trail: Trail, *, client: str) -> tuple[str, datetime]:
        """A session token and its expiry. Raises SignInRequired for any failure alike, and Limited."""
        now = self.clock.now()
        name_key = self.keyring.name_key(identifier)
        by_client = self.keyring.digest("session.client", client)
        by_name = self.keyring.digest("session.name+client", name_key, client)
        # Both are spent before the password is looked at and given back on success, so that guesses released together
        # are counted before any of them is answered (rule 18).
        await self._count(by_client, self.policy.session_client_rates)
        await self._count(by_name, self.policy.session_name_and_client_rates)
        account = await self.directory.authenticate(identifier, password)
        digest = self.keyring.digest("client", client)
        if account is None:
            trail.events.append(AuditEvent(tag=Tag.SESSION_REFUSED, at=now, client=digest))
            raise SignInRequired
        self.limiter.forgive(by_client)
        self.limiter.forgive(by_name)
        key = self.keyring.account_key(account.object_id)
        await self._bind_names(account, key)
        session = Session(
            account=key,
            object_id=account.object_id,
            roles=tuple(sorted(account.roles)),
            issued_at=now,
            expires_at=now + timedelta(seconds=self.policy.session_seconds),
        )
        trail.events.append(AuditEvent(tag=Tag.SESSION_STARTED, at=now, account=key, client=digest))
        return self.tokens.seal(TokenPurpose.SESSION, session), session.expires_at

    async def _count(self, key: str, rates: tuple[Rate, ...]) -> None:
        allowance = await self.limiter.hit(key, rates)
        if not allowance.allowed:
            raise Limited(allowance.retry_after)

    async def _bind_names(self, account: DirectoryEntry, key: AccountKey) -> None:
        """Written at sign-in for every name the directory knows, since it has just resolved them (rule 8)."""
        for name in account.names:
            name_key = self.keyring.name_key(name)
            if await self.names.find(name_key) != key:
                await self.names.bind(name_key, key)
