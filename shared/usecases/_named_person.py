"""Find the person whom an administrator named, in the directory or among those who have left it (rules 8 and 24)."""

from dataclasses import dataclass

from shared.domain.account import AccountKey, DirectoryEntry
from shared.domain.errors import NotAllowed, NotFound
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.ports.names import Names
from shared.usecases._signed_in import Caller, SignedIn
from shared.validation.identifier import canonical_identifier


@dataclass(frozen=True, slots=True)
class Named:
    """The account that was named, and who named it."""

    account: AccountKey
    entry: DirectoryEntry | None
    """None for a person who has left the directory, and about whom something is kept."""
    caller: Caller

    @property
    def actor(self) -> AccountKey:
        return self.caller.session.account


@dataclass(frozen=True, slots=True)
class NamedPeople:
    """The ports for finding a person, for the use-cases of administrators."""

    signed_in: SignedIn
    directory: Directory
    names: Names
    keyring: Keyring
    clock: Clock

    async def to_view(self, token: str, identifier: str, trail: Trail, tag: Tag) -> Named:
        """Admit a signed-in administrator, and return the person.

        Raises SignInRequired, Frozen, NotAllowed, TryAgain, and NotFound where nobody has the name.
        """
        caller = await self.signed_in.for_a_view(token)
        caller.refuse_frozen()
        return await self._named(caller, identifier, trail, tag)

    async def to_change(self, token: str, identifier: str, trail: Trail, tag: Tag) -> Named:
        """Admit a recent sign-in of an administrator, and return the person.

        Raises the same, SignInAgain, and NotAllowed also for the own account: whoever has an administrator's session
        must not undo what its owner stopped, nor get past its methods.
        """
        named = await self._named(await self.signed_in.for_a_write(token), identifier, trail, tag)
        if named.account == named.actor:
            trail.record(tag, self.clock.now(), account=named.account, actor=named.actor, cause="own_account")
            raise NotAllowed
        return named

    async def _named(self, caller: Caller, identifier: str, trail: Trail, tag: Tag) -> Named:
        await self.signed_in.entry_now(caller, trail, administrator=True)
        name = canonical_identifier(identifier)
        entry = await self.directory.resolve(name)
        if entry is not None:
            return Named(self.keyring.account_key(entry.object_id), entry, caller)
        found = await self.names.find(self.keyring.name_key(name))
        if found is not None:
            return Named(found.account, None, caller)
        trail.record(tag, self.clock.now(), actor=caller.session.account, cause="unknown_identifier")
        raise NotFound
