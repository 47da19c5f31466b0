"""Start a verification for a typed name."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.limits import START_BY_CLIENT, START_BY_NAME, START_BY_NAME_AND_CLIENT
from shared.domain.periods import week_of
from shared.domain.policy import Policy
from shared.domain.trail import Tag, Trail
from shared.domain.verification import Verification
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.names import Names
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._limits import Limits


@dataclass(frozen=True, slots=True)
class StartVerification:
    """Reads Names and the limiters only. It writes no row and does not ask the directory (D4, D7, rule 17)."""

    names: Names
    limits: Limits
    keyring: Keyring
    tokens: Tokens
    clock: Clock
    randomness: Randomness
    policy: Policy

    async def __call__(self, identifier: str, client: str, trail: Trail) -> tuple[str, tuple[str, ...]]:
        """Return the verification token and the methods of the policy, the same for every account (D8).

        `identifier` is canonical and `client` is an address prefix. Raises Limited, also for unknown names.
        """
        name_key = self.keyring.name_key(identifier)
        # The client first: a client over its limit must not use up the limits of other people's names.
        for limit in (START_BY_CLIENT, START_BY_NAME_AND_CLIENT, START_BY_NAME):
            await self.limits.enforce(limit, trail, client=client, name=name_key)
        account, now = await self.names.find(name_key), self.clock.now()
        if account is None:
            account = self.keyring.stranger_key(identifier, week_of(now))
        verification = Verification(
            id=self.randomness.token(),
            account=account,
            code_key=self.keyring.code_key_version,
            started_at=now,
            expires_at=now + timedelta(seconds=self.policy.verification_seconds),
            idle_at=now,
        ).touched(now, self.policy)
        trail.record(
            Tag.RESET_STARTED,
            self.clock.now(),
            client_key=self.keyring.client_key(client),
            account=account,
            verification=verification.id,
        )
        return self.tokens.seal(TokenPurpose.VERIFICATION, verification), self.policy.methods
