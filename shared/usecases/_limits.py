"""Count against limits: make the counter's key, refuse when a limit is reached, and record the refusal."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shared.domain.errors import Limited
from shared.domain.limits import By, Limit, counts_about
from shared.domain.policy import Policy
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.rate_limiter import RateLimiter


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts against limits. The values to count by are keyword arguments named as in `By` (`client=`, `name=`)."""

    limiter: RateLimiter
    keyring: Keyring
    clock: Clock
    policy: Policy

    async def enforce(self, limit: Limit, trail: Trail, *, client: str = "", **values: str) -> None:
        """Count one hit. If the limit is reached, record it and raise Limited."""
        allowance = await self.limiter.hit(self._key(limit, client=client, **values), limit.rates(self.policy))
        if not allowance.allowed:
            client_key = self.keyring.client_key(client) if client else ""
            trail.record(Tag.LIMIT_REACHED, self.clock.now(), client_key=client_key, cause=limit.name)
            raise Limited(allowance.retry_after)

    async def allows(self, limit: Limit, **values: str) -> bool:
        """Count one hit and return whether it was within the limit. For what is dropped silently."""
        return (await self.limiter.hit(self._key(limit, **values), limit.rates(self.policy))).allowed

    def forgive(self, limit: Limit, **values: str) -> None:
        """Give one hit back after a success."""
        self.limiter.forgive(self._key(limit, **values))

    async def forget(self, values: Mapping[By, Collection[str]]) -> None:
        """Delete every counter whose key derives from these values. Raises StoreLost."""
        for limit, chosen in counts_about(values):
            await self.limiter.forget(self._key(limit, **{by.value: value for by, value in chosen.items()}))

    def _key(self, limit: Limit, **values: str) -> str:
        return self.keyring.digest(limit.name, *(values[by] for by in limit.by))
