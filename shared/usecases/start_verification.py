"""Start a verification for a typed name."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.errors import BotCheckRequired
from shared.domain.limits import START_BY_CLIENT, START_BY_NAME
from shared.domain.periods import week_of
from shared.domain.person import Lane
from shared.domain.policy import Policy
from shared.domain.trail import Tag, Trail
from shared.domain.verification import Verification
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.names import KNOWN_ALREADY, Names
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._bot_check import BotCheck
from shared.usecases._limits import Limits

STEP = "reset"


@dataclass(frozen=True, slots=True)
class StartVerification:
    """Reads Names and the limiters only. It writes no row and does not ask the directory (D4, D7, rule 17)."""

    names: Names
    limits: Limits
    bot_check: BotCheck
    keyring: Keyring
    tokens: Tokens
    clock: Clock
    randomness: Randomness
    policy: Policy

    async def __call__(
        self, identifier: str, client: str, trail: Trail, *, solution: str = ""
    ) -> tuple[str, tuple[str, ...]]:
        """Return the verification token and the methods of the policy, the same for every account (D8).

        `identifier` is canonical, `client` is an address prefix, and `solution` that of a bot check, if one was asked
        for. Raises BotCheckRequired or Limited, also for unknown names.
        """
        name_key, client_key = self.keyring.name_key(identifier), self.keyring.client_key(client)
        checked = await self.bot_check.spent(solution, step=STEP, name=name_key)
        found, now = await self.names.find(name_key), self.clock.now()
        slot = found.slot_for(client_key) if found else 0
        known = (Lane.KNOWN,) if slot == KNOWN_ALREADY else ()
        lanes = (*known, Lane.CHECKED) if checked else known
        try:
            await self._enforce(name_key, client, lanes, trail)
        except BotCheckRequired as asked:
            asked.bot_check = await self.bot_check.challenge(step=STEP, name=name_key)
            raise
        account = found.account if found else self.keyring.stranger_key(identifier, week_of(now))
        verification = Verification(
            id=self.randomness.token(),
            account=account,
            code_key=self.keyring.code_key_version,
            started_at=now,
            expires_at=now + timedelta(seconds=self.policy.verification_seconds),
            idle_at=now,
            name=name_key,
            slot=slot,
            checked=checked,
        ).touched(now, self.policy)
        trail.record(
            Tag.RESET_STARTED,
            self.clock.now(),
            client_key=client_key,
            account=account,
            verification=verification.id,
        )
        return self.tokens.seal(TokenPurpose.VERIFICATION, verification), self.policy.methods

    async def _enforce(self, name_key: str, client: str, lanes: tuple[Lane, ...], trail: Trail) -> None:
        if (not lanes and await self.limits.suspects(client)) or (
            Lane.CHECKED not in lanes and await self.limits.is_under_attack()
        ):
            raise BotCheckRequired
        # The client first: a client over its limit must not use up the limits of other people's names.
        for limit in (START_BY_CLIENT, START_BY_NAME):
            await self.limits.enforce(limit, trail, lanes=lanes, client=client, name=name_key)
