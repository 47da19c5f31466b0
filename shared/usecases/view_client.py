"""Show an administrator the client address that the service sees, to check the trusted proxies (R-72)."""

from dataclasses import dataclass

from shared.domain.policy import Policy
from shared.domain.roles import Right
from shared.domain.trail import Trail
from shared.usecases._staff import Staff
from shared.validation.client_address import UNKNOWN_CLIENT, declared_network


@dataclass(frozen=True, slots=True)
class SeenClient:
    """What a request is counted by. Both are empty if there is none."""

    client: str
    network: str


@dataclass(frozen=True, slots=True)
class ViewClient:
    """Reads the caller's row and entry, to confirm the session and the role."""

    staff: Staff
    policy: Policy

    async def __call__(self, token: str, client: str, trail: Trail) -> SeenClient:
        """Return what is seen. Raises SignInRequired, Frozen, NotAllowed without the role, and TryAgain."""
        await self.staff.admit(token, Right.VIEW_CLIENT, trail)
        known = "" if client == UNKNOWN_CLIENT else client
        return SeenClient(client=known, network=declared_network(client, self.policy.networks))
