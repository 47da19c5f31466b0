"""Revoke an activation code, and a request for one, on an administrator's request (rule 27)."""

from dataclasses import dataclass

from shared.domain.activation import revoked
from shared.domain.trail import Tag, Trail
from shared.ports.randomness import Randomness
from shared.usecases._activations import Activations
from shared.usecases._rows import Rows


@dataclass(frozen=True, slots=True)
class RevokeActivation:
    """Ends the code, what was opened with it and what was begun there. What was confirmed stays."""

    activations: Activations
    rows: Rows
    randomness: Randomness

    async def __call__(self, token: str, identifier: str, reason: str, trail: Trail) -> bool:
        """Revoke, and return whether there was anything. Raises as `Activate` does."""
        target = await self.activations.target(token, identifier, trail, reason)
        row = self.rows.change(target.account, self.randomness.token())
        while True:
            person = await row.read()
            after = revoked(person)
            if await row.write(None if after == person else after):
                break
        serial = person.activation.serial if person.activation else ""
        cause = "" if after != person else "nothing_issued"
        self.activations.staff.record(
            trail, Tag.ACTIVATION_REVOKED, target.actor, target.account, verification=serial, cause=cause
        )
        return after != person
