"""Withdraw the report that every method is lost: the wait ends, and so does the right after it (rule 20)."""

from dataclasses import dataclass

from shared.domain.loss_wait import ended
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.randomness import Randomness
from shared.usecases._own_registration import OwnRegistration, RegistrationView
from shared.usecases._rows import Rows
from shared.usecases._signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class WithdrawLoss:
    """Changes no method, so it needs no proof and no notice."""

    signed_in: SignedIn
    rows: Rows
    own_registration: OwnRegistration
    randomness: Randomness
    clock: Clock

    async def __call__(self, token: str, trail: Trail) -> RegistrationView:
        """End the wait, if there is one, and return the registration. Raises SignInRequired, SignInAgain and Frozen."""
        caller = await self.signed_in.for_a_write(token)
        entry, session = await self.signed_in.entry_now(caller, trail), caller.session
        row = self.rows.change(session.account, self.randomness.token(), stored=caller.stored)
        while True:
            person = await row.read()
            session.bound_to(person)
            if await row.write(None if person.lost_at is None else ended(person)):
                break
        if person.lost_at is not None:
            trail.record(Tag.LOSS_WITHDRAWN, self.clock.now(), account=session.account)
        return await self.own_registration.view(row.stored.person, entry.roles)
