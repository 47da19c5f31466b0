"""Leave an audit event of a call whose token is expired, was never one, or has no role for the step (R-100)."""

from dataclasses import dataclass

from shared.domain.session import Session
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

    def of_a_session(self, session: Session, trail: Trail) -> None:
        """Count a session without a role for the step, for its account."""
        account = session.account
        self.limits.record_refusal(trail, "not_permitted", account, tag=Tag.SESSION_REFUSED, account=account)
