"""Reconfirm a registration: the person says that everything shown is still right (M13)."""

from dataclasses import dataclass

from shared.domain.registration import reconfirmed
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.randomness import Randomness
from shared.usecases._due import Scheduling
from shared.usecases._own_registration import OwnRegistration, RegistrationView
from shared.usecases._rows import Rows
from shared.usecases._signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class Reconfirm:
    """Reconfirms. The account version stays the same, because no method changed (rule 12)."""

    signed_in: SignedIn
    rows: Rows
    scheduling: Scheduling
    own_registration: OwnRegistration
    randomness: Randomness
    clock: Clock

    async def __call__(self, token: str, trail: Trail) -> RegistrationView:
        """Return the reconfirmed registration. Raises SignInRequired or SignInAgain."""
        caller = await self.signed_in.for_a_write(token)
        entry = await self.signed_in.entry_now(caller, trail)
        now, session = self.clock.now(), caller.session
        row = self.rows.change(session.account, self.randomness.token(), stored=caller.stored)
        while True:
            person = await row.read()
            session.bound_to(person)
            after = reconfirmed(person, now)
            after = await self.scheduling.entered(after, before=person)
            if await row.write(None if after == person else after):
                break
        await self.scheduling.leave(person.reminder_day, after)
        trail.record(Tag.REGISTRATION_RECONFIRMED, self.clock.now(), account=session.account)
        return await self.own_registration.view(row.stored.person, entry.roles)
