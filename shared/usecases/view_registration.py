"""View one's own registration: what is confirmed, missing, due or prefilled."""

from dataclasses import dataclass

from shared.domain.gates import due_at, gates_needed, satisfied_by
from shared.domain.policy import Policy
from shared.domain.session import Session
from shared.ports.clock import Clock
from shared.ports.people import People
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._own_registration import OwnRegistration, RegistrationView


@dataclass(frozen=True, slots=True)
class ViewRegistration:
    """Reads one row, for its owner only."""

    people: People
    tokens: Tokens
    own_registration: OwnRegistration
    clock: Clock
    policy: Policy

    async def __call__(self, token: str) -> RegistrationView:
        """Return the registration. Raises SignInRequired."""
        session = self.tokens.open(TokenPurpose.SESSION, token, Session).still_valid(self.clock.now())
        person = (await self.people.read(session.account)).person
        session.bound_to(person)
        return self.own_registration.view(person, session)

    async def status(self, token: str) -> str:
        """Return `must_register`, `must_reconfirm` or `fine`, for a sign-in page that has the session (rule 18)."""
        session = self.tokens.open(TokenPurpose.SESSION, token, Session).still_valid(self.clock.now())
        person = (await self.people.read(session.account)).person
        session.bound_to(person)
        readable = self.own_registration.readable(person)
        if not satisfied_by(readable, gates_needed(self.policy, privileged=bool(session.roles))):
            return "must_register"
        # A suspect method needs attention now, not only at the due day: it may be needed before.
        suspect = readable != person.confirmed or any(method.suspect_at is not None for method in readable)
        due = due_at(person, self.policy)
        return "must_reconfirm" if suspect or (due and self.clock.now() >= due) else "fine"
