"""View one's own registration: what is confirmed, missing, due, and prefilled to confirm."""

from dataclasses import dataclass

from shared.domain.gates import due_at, satisfied_by
from shared.ports.people import People
from shared.usecases._standing import RegistrationView, Standing


@dataclass(frozen=True, slots=True)
class ViewRegistration:
    """Reads one row; answers its owner only."""

    people: People
    standing: Standing

    async def __call__(self, token: str) -> RegistrationView:
        """Raises SignInRequired."""
        session = self.standing.session(token)
        person = (await self.people.read(session.account)).person
        session.bound_to(person)
        return self.standing.view(person, session)

    async def status(self, token: str) -> str:
        """`must_register`, `must_reconfirm` or `fine`, for a sign-in page that holds the person's session (rule 18)."""
        session = self.standing.session(token)
        person = (await self.people.read(session.account)).person
        session.bound_to(person)
        readable = self.standing.readable(person)
        if not satisfied_by(readable, self.standing.policy.gates):
            return "must_register"
        # What a provider has given up on is asked about now, not when the day comes: it is missed when it is needed.
        suspect = readable != person.confirmed or any(method.suspect_at is not None for method in readable)
        due = due_at(person, self.standing.policy)
        return "must_reconfirm" if suspect or (due and self.standing.clock.now() >= due) else "fine"
