"""Unblock a person, on an administrator's request, after a look at what had happened."""

from dataclasses import dataclass

from shared.domain.errors import NotAllowed
from shared.domain.trail import Tag, Trail
from shared.domain.unblocking import unblocked
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._rows import Rows
from shared.usecases._signed_in import SignedIn
from shared.validation.identifier import canonical_identifier


@dataclass(frozen=True, slots=True)
class Unblock:
    """Opens suspended and closed methods and sign-in (rule 10). A freeze stays. The person is told.

    Limits by typed name and client are not touched: they tell nothing about the person, and open by themselves.
    """

    signed_in: SignedIn
    rows: Rows
    directory: Directory
    keyring: Keyring
    promised: PromisedNotices
    randomness: Randomness
    clock: Clock

    async def __call__(self, token: str, identifier: str, trail: Trail, *, reason: str = "") -> bool:
        """Unblock, and return whether anything was closed.

        Raises SignInRequired, SignInAgain, Frozen, InvalidInput, TryAgain, and NotAllowed also for the own account:
        whoever has an administrator's session must not undo what its owner stopped.
        """
        caller = await self.signed_in.for_a_write(token)
        await self.signed_in.entry_now(caller, trail, administrator=True)
        entry, actor = await self.directory.resolve(canonical_identifier(identifier)), caller.session.account
        if entry is None:
            trail.record(Tag.UNBLOCKED, self.clock.now(), actor=actor, cause="unknown_identifier")
            return False
        account = self.keyring.account_key(entry.object_id)
        if account == actor:
            trail.record(Tag.UNBLOCKED, self.clock.now(), account=account, actor=actor, cause="own_account")
            raise NotAllowed
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
        cause = reason if after != person else "nothing_closed"
        trail.record(Tag.UNBLOCKED, self.clock.now(), account=account, actor=actor, cause=cause)
        return after != person
