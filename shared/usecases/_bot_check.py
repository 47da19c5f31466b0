"""Ask for the bot check and spend its solutions (rule 25)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.limits import BOT_CHECK
from shared.ports.bot_checks import BotChecks
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.usecases._limits import Limits


@dataclass(frozen=True, slots=True)
class BotCheck:
    """A check is for one step and one typed name. Its solution opens that step once."""

    bot_checks: BotChecks
    limits: Limits
    keyring: Keyring
    clock: Clock

    async def challenge(self, *, step: str, name: str) -> Mapping[str, Any]:
        """Return a challenge to solve. `name` is the key of the typed name. Raises TryAgain when too many wait."""
        return await self.bot_checks.challenge(self._secret(step, name), self.clock.now())

    async def spent(self, solution: str, *, step: str, name: str) -> bool:
        """Whether this solves a challenge for the step and the name that was not used before. It is used up by this.

        Used up before anything else is counted, so that of parallel requests with one solution one passes.
        """
        if not solution:
            return False
        challenge = self.bot_checks.solved(solution, self._secret(step, name), self.clock.now())
        return challenge is not None and await self.limits.allows(BOT_CHECK, verification=challenge)

    def _secret(self, step: str, name: str) -> str:
        """A key of its own for each step and name: what was solved for another one has another signature."""
        return self.keyring.digest("bot-check", step, name)
