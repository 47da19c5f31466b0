"""Reconfirm: the person says that everything shown is still right (M13)."""

from dataclasses import dataclass

from shared.domain.audit import AuditEvent, Tag
from shared.domain.person import Person
from shared.domain.registration import reconfirmed
from shared.domain.trail import Trail
from shared.ports.people import People
from shared.usecases._conditional import Decision, decide
from shared.usecases._due import Scheduling
from shared.usecases._standing import RegistrationView, Standing


@dataclass(frozen=True, slots=True)
class Reconfirm:
    """Never bumps the account version: nothing changed (rule 12)."""

    people: People
    scheduling: Scheduling
    standing: Standing

    async def __call__(self, token: str, trail: Trail) -> RegistrationView:
        """Raises SignInRequired or SignInAgain."""
        session = self.standing.fresh_session(token)
        now = self.standing.clock.now()
        earlier_day = ""

        def decision_on(person: Person) -> Decision[Person]:
            nonlocal earlier_day
            session.bound_to(person)
            earlier_day = person.reminder_day
            after = self.scheduling.scheduled(reconfirmed(self.standing.resealed(person), now))
            return Decision(after, None if after == person else after)

        told = await decide(
            self.people,
            session.account,
            decision_on,
            landed=lambda row: any(method.confirmed_at == now for method in row.methods),
            before_write=self.scheduling.enter,
        )
        person = told.outcome
        await self.scheduling.leave(earlier_day, person)
        trail.events.append(AuditEvent(tag=Tag.REGISTRATION_RECONFIRMED, at=now, account=session.account))
        return self.standing.view(person, session)
