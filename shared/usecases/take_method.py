"""Remove a person's method, on an administrator's request, such as a lost phone (rules 20 and 29)."""

from dataclasses import dataclass
from functools import partial

from shared.domain.daily_events import Event, refuse_more
from shared.domain.errors import ActivationRequired, InvalidInput
from shared.domain.policy import Policy
from shared.domain.registration import removed
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.methods import ALL
from shared.ports.clock import Clock
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._due import Scheduling
from shared.usecases._limits import Limits
from shared.usecases._named_person import NamedPeople
from shared.usecases._rows import Rows


@dataclass(frozen=True, slots=True)
class TakeMethod:
    """It is told and can be stopped as a removal without a proof: also the address that was removed has a code.

    After the last one, whoever has the password adds none at once: it takes the wait of a loss, or an activation.
    Otherwise one administrator who knows the password could take the place of the second one of rule 27.
    """

    named_people: NamedPeople
    rows: Rows
    scheduling: Scheduling
    promised: PromisedNotices
    limits: Limits
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(
        self, token: str, identifier: str, name: str, reason: str, trail: Trail, *, credential: str = ""
    ) -> bool:
        """Remove it, with what is being registered in its place. Return whether no method is left that proves a change.

        Raises SignInRequired, SignInAgain, Frozen, TryAgain, NotFound, NotAllowed also for the own account, Limited
        after too many changes in a day, InvalidInput where the person has no such method, and ActivationRequired for a
        compromised one while every change takes an activation.
        """
        if name not in ALL:
            raise InvalidInput("method", "not_offered")
        named = await self.named_people.named(token, Right.REMOVE_METHOD, identifier, trail, Tag.METHOD_TAKEN, reason)
        now, event, version = self.clock.now(), self.randomness.token(), self.randomness.token()
        row = self.rows.change(named.account, event)
        while True:
            person = await row.read()
            method = person.method(name, credential)
            if method is not None and method.is_compromised and person.needs_activation(self.policy.methods):
                raise ActivationRequired  # without it on the row, whoever has the password would only have to wait
            after = removed(
                person,
                name,
                credential,
                event=event,
                version=version,
                now=now,
                policy=self.policy,
                by_administrator=True,
            )
            if after.owes(event):
                refuse_more(person, Event.METHOD, self.policy, now, partial(self.limits.record_refusal, trail))
                await row.promise(self.promised.promise)
            after = await self.scheduling.entered(after, before=person)
            if await row.write(after):
                break
        await self.scheduling.leave(person.reminder_day, after)
        self.named_people.staff.record(trail, Tag.METHOD_TAKEN, named.actor, named.account, method=name)
        return after.emptied
