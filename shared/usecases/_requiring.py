"""Ask one person to confirm methods again, and tell them at every address (rule 20)."""

from dataclasses import dataclass

from shared.domain.account import AccountKey
from shared.domain.person import Notice
from shared.domain.reregistration import Renewals, asked_for
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._due import Scheduling
from shared.usecases._rows import Rows
from shared.usecases._staff import Actor, Staff


@dataclass(frozen=True, slots=True)
class Requiring:
    """Takes no method away: a stolen sign-in must not register the first one of a new registration."""

    staff: Staff
    rows: Rows
    scheduling: Scheduling
    promised: PromisedNotices
    randomness: Randomness
    clock: Clock

    async def ask(self, account: AccountKey, wanted: Renewals, trail: Trail, actor: Actor) -> bool:
        """Return whether there was anything to be confirmed again. Raises TryAgain and StoreLost."""
        event, version, session_version = (self.randomness.token() for _ in range(3))
        template = "should_reregister" if wanted.days else "must_reregister"
        template = "methods_compromised" if wanted.compromised else template
        notice = Notice(event=event, template=template, at=self.clock.now(), method=wanted.method)
        row = self.rows.change(account, event)
        while True:
            person = await row.read()
            after = asked_for(person, wanted, notice=notice, version=version, session_version=session_version)
            if after != person:
                await row.promise(self.promised.promise)
                after = await self.scheduling.entered(after, before=person)
            if await row.write(None if after == person else after):
                break
        if after != person:
            await self.scheduling.leave(person.reminder_day, after)
        cause = "" if after != person else "nothing_confirmed"
        tag = Tag.METHODS_COMPROMISED if wanted.compromised else Tag.REREGISTRATION
        self.staff.record(trail, tag, actor, account, cause=cause, method=wanted.method)
        return after != person
