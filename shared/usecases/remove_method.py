"""Remove a method, and send a notice to every contact, also to the removed one (R-64)."""

from dataclasses import dataclass
from functools import partial

from shared.domain.daily_events import Event, refuse_more
from shared.domain.errors import NotFound, ProofRequired
from shared.domain.policy import Policy
from shared.domain.registration import removed
from shared.domain.trail import Tag, Trail
from shared.methods import ALL
from shared.ports.clock import Clock
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._change_proof import ChangeProofs
from shared.usecases._due import Scheduling
from shared.usecases._limits import Limits
from shared.usecases._own_registration import OwnRegistration, RegistrationView
from shared.usecases._rows import Rows
from shared.usecases._signed_in import SignedIn
from shared.validation.client_address import coarse_network


@dataclass(frozen=True, slots=True)
class RemoveMethod:
    """Removing a confirmed method changes the account version. A removed contact gets notices for 30 days."""

    policy: Policy
    signed_in: SignedIn
    rows: Rows
    scheduling: Scheduling
    own_registration: OwnRegistration
    proofs: ChangeProofs
    promised: PromisedNotices
    limits: Limits
    randomness: Randomness
    clock: Clock

    async def __call__(
        self,
        token: str,
        name: str,
        trail: Trail,
        *,
        credential: str = "",
        proof: str | None = None,
        client: str = "",
    ) -> RegistrationView:
        """Remove a method and return the registration. A method may prove its own removal (rule 20).

        Raises ProofRequired, NotFound, InvalidInput if the person has no such method, Limited after too many changes in
        a day, SignInRequired and SignInAgain.
        """
        caller = await self.signed_in.for_a_write(token)
        if name not in ALL:
            raise NotFound
        entry, session = await self.signed_in.entry_now(caller, trail), caller.session
        now, event, version = self.clock.now(), self.randomness.token(), self.randomness.token()
        row = self.rows.change(session.account, event, stored=caller.stored)
        while True:
            person = (await row.read()).speaking(trail.language)
            session.bound_to(person)
            fully = False
            if (method := person.method(name, credential)) is not None:
                try:
                    await self.proofs.require(person, session, proof)
                except ProofRequired:
                    await self.proofs.tell_unless_proved(session, client)
                    raise
                fully = self.proofs.fully(person, session, proof, without=method.destination)
            after = removed(
                person,
                name,
                credential,
                event=event,
                version=version,
                now=now,
                policy=self.policy,
                origin=coarse_network(client),
                fully_proved=fully,
            )
            if after.owes(event):
                refuse_more(person, Event.METHOD, self.policy, now, partial(self.limits.record_refusal, trail))
                await row.promise(self.promised.promise)
            after = await self.scheduling.entered(after, before=person)
            if await row.write(after):
                break
        await self.scheduling.leave(person.reminder_day, after)
        trail.record(Tag.METHOD_REMOVED, self.clock.now(), account=session.account, method=name)
        return await self.own_registration.view(row.stored.person, entry.roles)
