"""Unblock a person, on an administrator's request, after a look at what had happened."""

from dataclasses import dataclass

from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.domain.unblocking import unblocked
from shared.ports.clock import Clock
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._named_person import NamedPeople
from shared.usecases._rows import Rows


@dataclass(frozen=True, slots=True)
class Unblock:
    """Opens suspended and closed methods and sign-in (rule 10). A freeze stays. The person is told.

    Limits by typed name and client are not touched: they tell nothing about the person, and open by themselves.
    """

    named_people: NamedPeople
    rows: Rows
    promised: PromisedNotices
    randomness: Randomness
    clock: Clock

    async def __call__(self, token: str, identifier: str, reason: str, trail: Trail) -> bool:
        """Unblock, and return whether anything was closed.

        Raises SignInRequired, SignInAgain, Frozen, NotAllowed, InvalidInput, NotFound and TryAgain.
        """
        named = await self.named_people.named(token, Right.UNBLOCK, identifier, trail, Tag.UNBLOCKED, reason)
        now = self.clock.now()
        event, version, session_version = (self.randomness.token() for _ in range(3))
        row = self.rows.change(named.account, event)
        while True:
            person = await row.read()
            after = unblocked(person, event=event, version=version, session_version=session_version, now=now)
            if after != person:
                await row.promise(self.promised.promise)
            if await row.write(None if after == person else after):
                break
        cause = "" if after != person else "nothing_closed"
        self.named_people.staff.record(trail, Tag.UNBLOCKED, named.actor, named.account, cause=cause)
        return after != person
