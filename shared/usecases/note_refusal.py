"""Leave an audit event of a call whose token is expired or was never one, for the step that was refused (R-100)."""

from dataclasses import dataclass

from shared.domain.trail import Tag, Trail
from shared.ports.keyring import Keyring
from shared.usecases._limits import Limits


@dataclass(frozen=True, slots=True)
class NoteRefusal:
    """Who sends tokens that are not valid can do it without end, so the events are counted and not one for each."""

    limits: Limits
    keyring: Keyring

    def __call__(self, step: str, client: str, trail: Trail) -> None:
        """Count it for the client. A step that has left an event itself needs no other one."""
        if not trail.events:
            key = self.keyring.client_key(client)
            self.limits.record_refusal(trail, step, key, tag=Tag.TOKEN_REFUSED, client_key=key)
