"""Unblock a person, on an administrator's request, after a look at what had happened."""

from dataclasses import dataclass

from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.domain.unblocking import unblocked
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._rows import Rows
from shared.usecases._staff import Staff
from shared.validation.identifier import canonical_identifier


@dataclass(frozen=True, slots=True)
class Unblock:
    """Opens suspended and closed methods and sign-in (rule 10). A freeze stays. The person is told.

    Limits by typed name and client are not touched: they tell nothing about the person, and open by themselves.
    """

    staff: Staff
    rows: Rows
    directory: Directory
    promised: PromisedNotices
    randomness: Randomness
    clock: Clock

    async def __call__(self, token: str, identifier: str, reason: str, trail: Trail) -> bool:
        """Unblock, and return whether anything was closed.

        Raises SignInRequired, SignInAgain, Frozen, NotAllowed, InvalidInput and TryAgain.
        """
        actor = await self.staff.admit(token, Right.UNBLOCK, trail, reason)
        entry = await self.directory.resolve(canonical_identifier(identifier))
        if entry is None:
            self.staff.record(trail, Tag.UNBLOCKED, actor, cause="unknown_identifier")
            return False
        account = await self.staff.check(actor, entry, trail)
        now = self.clock.now()
        event, version, session_version = (self.randomness.token() for _ in range(3))
        row = self.rows.change(account, event)
        while True:
            person = await row.read()
            after = unblocked(person, event=event, version=version, session_version=session_version, now=now)
            if after != person:
                await row.promise(self.promised.promise)
            if await row.write(None if after == person else after):
                break
        cause = "" if after != person else "nothing_closed"
        self.staff.record(trail, Tag.UNBLOCKED, actor, account, cause=cause)
        return after != person
