"""View one's own registration: what is confirmed, missing, due or prefilled."""

from dataclasses import dataclass

from shared.domain.gates import due_at, gates_needed, satisfied_by
from shared.domain.policy import Policy
from shared.ports.clock import Clock
from shared.usecases._own_registration import OwnRegistration, RegistrationView
from shared.usecases._signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class ViewRegistration:
    """Reads one row, for its owner only."""

    signed_in: SignedIn
    own_registration: OwnRegistration
    clock: Clock
    policy: Policy

    async def __call__(self, token: str) -> RegistrationView:
        """Return the registration. Raises SignInRequired."""
        caller = await self.signed_in.for_a_view(token)
        return await self.own_registration.view(caller.person, caller.session.roles)

    async def status(self, token: str) -> str:
        """Return `must_register`, `must_reconfirm` or `fine`, for a sign-in page that has the session (rule 18)."""
        caller = await self.signed_in.for_a_view(token)
        person = caller.person
        readable = self.own_registration.readable(person)
        opted_out = await self.own_registration.opted_out(person)
        working = [method for method in readable if method.destination not in opted_out]
        if not satisfied_by(working, gates_needed(self.policy, privileged=bool(caller.session.roles))):
            return "must_register"
        # A suspect or opted-out method needs attention now, not only at the due day: it may be needed before.
        suspect = tuple(working) != person.confirmed or any(method.suspect_at is not None for method in readable)
        due = due_at(person, self.policy)
        return "must_reconfirm" if suspect or (due and self.clock.now() >= due) else "fine"
