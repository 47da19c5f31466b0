"""Ask a person to confirm methods again, or declare them compromised, on an administrator's request (rule 20)."""

from dataclasses import dataclass
from typing import Final

from shared.domain.errors import NotAllowed
from shared.domain.reregistration import Renewals
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.usecases._requiring import Requiring
from shared.usecases._signed_in import SignedIn
from shared.validation.identifier import canonical_identifier

EVERYTHING: Final = Renewals()


@dataclass(frozen=True, slots=True)
class RequireRegistration:
    """At once. The person is told, and every session ends."""

    signed_in: SignedIn
    requiring: Requiring
    directory: Directory
    keyring: Keyring
    clock: Clock

    async def __call__(
        self, token: str, identifier: str, trail: Trail, wanted: Renewals = EVERYTHING, *, reason: str = ""
    ) -> bool:
        """Return whether there was anything to be confirmed again, or to be declared.

        Raises SignInRequired, SignInAgain, Frozen, InvalidInput, TryAgain, and NotAllowed also for the own account.
        """
        caller = await self.signed_in.for_a_write(token)
        await self.signed_in.entry_now(caller, trail, administrator=True)
        entry, actor = await self.directory.resolve(canonical_identifier(identifier)), caller.session.account
        account = self.keyring.account_key(entry.object_id) if entry is not None else None
        if account is None or account == actor:
            cause = "unknown_identifier" if account is None else "own_account"
            tag = Tag.METHODS_COMPROMISED if wanted.compromised else Tag.REREGISTRATION
            trail.record(tag, self.clock.now(), account=account or "", actor=actor, cause=cause)
            if account == actor:
                raise NotAllowed
            return False
        return await self.requiring.ask(account, wanted, trail, actor=actor, reason=reason)
