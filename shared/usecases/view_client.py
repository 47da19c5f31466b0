"""Show an administrator the client address that the service sees, to check the trusted proxies (R-72)."""

from dataclasses import dataclass

from shared.domain.policy import Policy
from shared.usecases._signed_in import SignedIn
from shared.validation.client_address import UNKNOWN_CLIENT, declared_network


@dataclass(frozen=True, slots=True)
class SeenClient:
    """What a request is counted by. Both are empty if there is none."""

    client: str
    network: str


@dataclass(frozen=True, slots=True)
class ViewClient:
    """Reads the caller's row only, to confirm the session."""

    signed_in: SignedIn
    policy: Policy

    async def __call__(self, token: str, client: str) -> SeenClient:
        """Return what is seen. Raises SignInRequired, and NotAllowed without the role."""
        caller = await self.signed_in.for_a_view(token)
        caller.session.as_administrator()
        known = "" if client == UNKNOWN_CLIENT else client
        return SeenClient(client=known, network=declared_network(client, self.policy.networks))
