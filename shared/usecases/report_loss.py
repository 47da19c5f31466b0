"""Report that every method is lost, and begin the wait after which a new one may be added (rule 20)."""

from dataclasses import dataclass
from functools import partial

from shared.domain.daily_events import Event, refuse_more
from shared.domain.errors import ActivationRequired
from shared.domain.loss_wait import begun, wait_of
from shared.domain.policy import Policy
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._limits import Limits
from shared.usecases._own_registration import OwnRegistration, RegistrationView
from shared.usecases._rows import Rows
from shared.usecases._signed_in import SignedIn
from shared.validation.client_address import coarse_network


@dataclass(frozen=True, slots=True)
class ReportLoss:
    """Counts as a change of methods. Every address is told, also those that the person cannot read any more."""

    signed_in: SignedIn
    rows: Rows
    own_registration: OwnRegistration
    promised: PromisedNotices
    limits: Limits
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(self, token: str, trail: Trail, *, client: str = "") -> RegistrationView:
        """Begin the wait, and return the registration. None begins while one runs, or where no proof is needed anyway.

        Raises Limited after too many changes in a day, SignInRequired, SignInAgain and Frozen, and ActivationRequired
        while a method is compromised: who has the password would only have to wait.
        """
        caller = await self.signed_in.for_a_write(token)
        entry, session = await self.signed_in.entry_now(caller, trail), caller.session
        now, event = self.clock.now(), self.randomness.token()
        row = self.rows.change(session.account, event, stored=caller.stored)
        while True:
            person = (await row.read()).speaking(trail.language)
            session.bound_to(person)
            if person.compromised:
                raise ActivationRequired
            after = person
            offered = self.policy.methods
            proof_needed = person.provers(offered, now) or person.used_up or person.proves_later(offered, now)
            if (proof_needed or person.emptied) and wait_of(person, self.policy, now) is None:
                refuse_more(
                    person, Event.METHOD, self.policy, now, partial(self.limits.record_refusal, trail), proved=False
                )
                after = begun(person, event=event, now=now, origin=coarse_network(client))
                await row.promise(self.promised.promise)
            if await row.write(None if after == person else after):
                break
        if after != person:
            trail.record(Tag.LOSS_REPORTED, self.clock.now(), account=session.account)
        return await self.own_registration.view(row.stored.person, entry.roles)
