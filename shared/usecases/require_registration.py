"""Ask a person to confirm every method again, on an administrator's request (rule 20)."""

from dataclasses import dataclass

from shared.domain.errors import NotAllowed
from shared.domain.person import Notice
from shared.domain.reregistration import asked_for
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._rows import Rows
from shared.usecases._signed_in import SignedIn
from shared.validation.identifier import canonical_identifier


@dataclass(frozen=True, slots=True)
class RequireRegistration:
    """Takes no method away: a stolen sign-in must not register the first one of a new registration. All are told."""

    signed_in: SignedIn
    rows: Rows
    directory: Directory
    keyring: Keyring
    promised: PromisedNotices
    randomness: Randomness
    clock: Clock

    async def __call__(self, token: str, identifier: str, trail: Trail) -> bool:
        """Return whether there was anything to be confirmed again.

        Raises SignInRequired, SignInAgain, Frozen, InvalidInput, TryAgain, and NotAllowed also for the own account.
        """
        caller = await self.signed_in.for_a_write(token)
        await self.signed_in.entry_now(caller, trail, administrator=True)
        entry, actor = await self.directory.resolve(canonical_identifier(identifier)), caller.session.account
        account = self.keyring.account_key(entry.object_id) if entry is not None else None
        if account is None or account == actor:
            cause = "unknown_identifier" if account is None else "own_account"
            trail.record(Tag.REREGISTRATION, self.clock.now(), account=account or "", actor=actor, cause=cause)
            if account == actor:
                raise NotAllowed
            return False
        event, version, session_version = (self.randomness.token() for _ in range(3))
        notice = Notice(event=event, template="must_reregister", at=self.clock.now())
        row = self.rows.change(account, event)
        while True:
            person = await row.read()
            after = asked_for(person, notice=notice, version=version, session_version=session_version)
            if after != person:
                await row.promise(self.promised.promise)
            if await row.write(None if after == person else after):
                break
        cause = "" if after != person else "nothing_confirmed"
        trail.record(Tag.REREGISTRATION, self.clock.now(), account=account, actor=actor, cause=cause)
        return after != person
