"""Start a verification for a typed name."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.limits import START_BY_CLIENT, START_BY_NAME
from shared.domain.person import NEVER_FIRST
from shared.domain.policy import Policy
from shared.domain.trail import Tag, Trail
from shared.domain.verification import Verification
from shared.methods import ALL
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.outbox import Outbox
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._typed_name import TypedName

STEP = "reset"

LIMITS = (START_BY_CLIENT, START_BY_NAME)
"""The client first: a client over its limit must not use up the limits of other people's names."""


@dataclass(frozen=True, slots=True)
class StartVerification:
    """Reads Names and the limiters only. It writes no row and does not ask the directory (D4, D7, rule 17)."""

    typed_name: TypedName
    outbox: Outbox
    keyring: Keyring
    tokens: Tokens
    clock: Clock
    randomness: Randomness
    policy: Policy

    async def __call__(
        self, identifier: str, client: str, trail: Trail, *, solution: str = ""
    ) -> tuple[str, tuple[str, ...]]:
        """Return the verification token and the policy's methods for the first gate, the same for every account (D8).

        Raises BotCheckRequired or Limited, also for unknown names.
        """
        admitted = await self.typed_name.admitted(
            identifier, client, trail, step=STEP, limits=LIMITS, solution=solution
        )
        self.outbox.wake()
        now = self.clock.now()
        verification = Verification(
            id=self.randomness.token(),
            account=admitted.account,
            code_key=self.keyring.code_key_version,
            started_at=now,
            expires_at=now + timedelta(seconds=self.policy.verification_seconds),
            idle_at=now,
            name=admitted.name_key,
            slot=admitted.slot,
            checked=admitted.checked,
        ).touched(now, self.policy)
        trail.record(
            Tag.RESET_STARTED,
            self.clock.now(),
            client_key=admitted.client_key,
            account=admitted.account,
            verification=verification.id,
        )
        methods = tuple(name for name in self.policy.methods if ALL[name].evidence not in NEVER_FIRST)
        return self.tokens.seal(TokenPurpose.VERIFICATION, verification), methods
