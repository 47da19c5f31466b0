"""Answer the question whether the methods are still right, or put it off (M13)."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.reconfirming import put_off, reconfirmed
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.randomness import Randomness
from shared.usecases._due import Scheduling
from shared.usecases._own_registration import OwnRegistration, RegistrationView
from shared.usecases._rows import Rows
from shared.usecases._signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class Reconfirm:
    """The account version stays the same, because no method changed (rule 12)."""

    signed_in: SignedIn
    rows: Rows
    scheduling: Scheduling
    own_registration: OwnRegistration
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(
        self, token: str, trail: Trail, *, method: str | None = None, credential: str = ""
    ) -> RegistrationView:
        """Reconfirm every method, or this one, and return the registration.

        Raises SignInRequired, SignInAgain and Frozen, and InvalidInput for a method that is not confirmed.
        """
        now, only = self.clock.now(), (method, credential) if method else None
        tag = Tag.REGISTRATION_RECONFIRMED
        return await self._change(token, lambda who: reconfirmed(who, now, only), tag, trail, method or "")

    async def later(self, token: str, trail: Trail) -> RegistrationView:
        """Put the question off, if one is asked that may wait, and return the registration.

        Raises SignInRequired, SignInAgain and Frozen.
        """
        now = self.clock.now()
        return await self._change(token, lambda who: put_off(who, self.policy, now), Tag.REGISTRATION_PUT_OFF, trail)

    async def _change(
        self, token: str, change: Callable[[Person], Person], tag: Tag, trail: Trail, method: str = ""
    ) -> RegistrationView:
        caller = await self.signed_in.for_a_write(token)
        entry, session = await self.signed_in.entry_now(caller, trail), caller.session
        row = self.rows.change(session.account, self.randomness.token(), stored=caller.stored)
        while True:
            person = await row.read()
            session.bound_to(person)
            after = change(person)
            if after != person:
                after = await self.scheduling.entered(after, before=person)
            if await row.write(None if after == person else after):
                break
        if after != person:
            await self.scheduling.leave(person.reminder_day, after)
            trail.record(tag, self.clock.now(), account=session.account, method=method)
        return await self.own_registration.view(row.stored.person, entry.roles)
