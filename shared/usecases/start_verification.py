"""Start a verification: somebody typed a name and says that it is theirs."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.account import AccountKey
from shared.domain.audit import AuditEvent, Tag
from shared.domain.errors import Limited
from shared.domain.policy import Policy
from shared.domain.rate import Rate
from shared.domain.trail import Trail
from shared.domain.verification import Verification
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.names import Names
from shared.ports.randomness import Randomness
from shared.ports.rate_limiter import RateLimiter
from shared.ports.tokens import TokenPurpose, Tokens


@dataclass(frozen=True, slots=True)
class StartVerification:
    """Reads Names and the limiters only; no row is written and the directory is not asked (D4, D7, rule 17)."""

    names: Names
    limiter: RateLimiter
    keyring: Keyring
    tokens: Tokens
    clock: Clock
    randomness: Randomness
    policy: Policy

    async def __call__(self, identifier: str, client: str, trail: Trail) -> tuple[str, tuple[str, ...]]:
        """The verification token, and the methods that the policy offers: the same list for everybody (D8).

        `identifier` is canonical and `client` a client prefix. Raises Limited at a limit, for any name alike.
        """
        name_key = self.keyring.name_key(identifier)
        # The address first: one that is over its limit must not go on eating other people's.
        await self._count(("start.client", client), self.policy.start_client_rates, client, trail)
        await self._count(
            ("start.name+client", name_key, client), self.policy.start_name_and_client_rates, client, trail
        )
        await self._count(("start.name", name_key), self.policy.start_name_rates, client, trail)
        account = await self.names.find(name_key) or AccountKey(self.keyring.stranger_key(identifier))
        now = self.clock.now()
        verification = Verification(
            id=self.randomness.token(),
            account=account,
            code_key=self.keyring.code_key_version,
            started_at=now,
            expires_at=now + timedelta(seconds=self.policy.verification_seconds),
            idle_at=now,
        ).touched(now, self.policy)
        trail.events.append(
            AuditEvent(
                tag=Tag.RESET_STARTED,
                at=now,
                account=account,
                verification=verification.id,
                client=self.keyring.digest("client", client),
            )
        )
        return self.tokens.seal(TokenPurpose.VERIFICATION, verification), self.policy.methods

    async def _count(self, parts: tuple[str, ...], rates: tuple[Rate, ...], client: str, trail: Trail) -> None:
        allowance = await self.limiter.hit(self.keyring.digest(*parts), rates)
        if not allowance.allowed:
            digest = self.keyring.digest("client", client)
            trail.events.append(AuditEvent(tag=Tag.LIMIT_REACHED, at=self.clock.now(), client=digest, cause=parts[0]))
            raise Limited(allowance.retry_after)
