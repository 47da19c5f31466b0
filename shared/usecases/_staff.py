"""Admit staff to an act, and say whether they may do it to a person: the rights of now, at each act (rule 24).

    actor = await self.staff.admit(token, Right.UNBLOCK, trail, reason)   session, row, directory, role
    ...
    entry = await self.directory.resolve(name)
    await self.staff.check(actor, entry, trail)                                own account, role, scope of the person
    ...
    self.staff.record(trail, Tag.UNBLOCKED, actor, account, cause=...)          both parties, and the reason

A job that goes on without its session begins each part with `resume`.
"""

from collections.abc import Collection
from dataclasses import dataclass

from shared.domain.account import AccountKey, DirectoryEntry, ObjectId
from shared.domain.errors import ActRefusal, NotAllowed
from shared.domain.roles import Grant, Right, Scope, folded, grants_of
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import Capability, Directory
from shared.ports.keyring import Keyring
from shared.usecases._signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody with a role, and the act that they were admitted to."""

    account: AccountKey
    entry: DirectoryEntry
    right: Right
    reason: str
    grants: tuple[Grant, ...]
    """What their roles are good for now."""

    @property
    def name(self) -> str:
        return str(self.entry.names[0])

    def able(self, *, privileged: bool) -> list[Grant]:
        """Return the roles that allow the act to an account that has a role, or none."""
        return [grant for grant in self.grants if grant.reaches(self.right, privileged=privileged)]

    @property
    def reaches_everybody(self) -> bool:
        """Whether no scope narrows the act."""
        return any(grant.people is None for grant in self.able(privileged=False))


@dataclass(frozen=True, slots=True)
class Staff:
    """The ports for the use-cases of staff. Only the holder of a valid session causes a question to the directory."""

    signed_in: SignedIn
    directory: Directory
    scopes: Collection[Scope]
    keyring: Keyring
    clock: Clock

    async def admit(
        self, token: str, right: Right, trail: Trail, reason: str = "", *, everybody: bool = False
    ) -> Actor:
        """Admit whoever has the right now. `everybody`: the act is about all people, so no scope may narrow it.

        A write needs a recent sign-in. Raises SignInRequired, PasswordChangeRequired, SignInAgain, Frozen, NotAllowed
        and TryAgain.
        """
        if right.writes:
            caller = await self.signed_in.for_a_write(token)
        else:
            caller = await self.signed_in.for_a_view(token)
            caller.refuse_frozen()
        entry = await self.signed_in.entry_now(caller, trail)
        actor = await self._actor(entry, right, reason)
        if not actor.able(privileged=False):
            self.signed_in.record_refusal(trail, caller, "not_permitted")
            raise NotAllowed
        if everybody and not actor.reaches_everybody:
            raise self.refused(trail, actor, "", "out_of_scope")
        return actor

    async def resume(self, actor: ObjectId, right: Right, reason: str) -> Actor | None:
        """Return who began it, if they still may do it; None if not, also while frozen (rule 29). Raises TryAgain.

        Whoever froze the account of staff stops what a thief of the session began: a file may have thousands of rows.
        """
        entry = await self.directory.find(actor)
        if entry is None or not entry.enabled:
            return None
        if (await self.signed_in.people.read(self.keyring.account_key(actor))).person.frozen_at is not None:
            return None
        found = await self._actor(entry, right, reason)
        return found if found.able(privileged=False) else None

    async def check(
        self, actor: Actor, entry: DirectoryEntry | None, trail: Trail, *, account: AccountKey | None = None
    ) -> AccountKey:
        """Return the account that the act is about. None as the entry: a person who has left, with what they had.

        Raises NotAllowed, which says why, and TryAgain. The refusal is recorded.
        """
        about = self.keyring.account_key(entry.object_id) if entry is not None else account
        if about is None:
            raise ValueError("an entry or an account")
        if why := await self.refusal(actor, entry, about):
            raise self.refused(trail, actor, about, why)
        return about

    async def refusal(self, actor: Actor, entry: DirectoryEntry | None, account: AccountKey) -> ActRefusal | None:
        """Return why the actor may not do this to that account; None if they may. Raises TryAgain."""
        if actor.right.writes and account == actor.account:
            return "own_account"  # whoever has the session of staff must not get past the person's own methods
        able = actor.able(privileged=entry is not None and entry.is_privileged)
        if not able:
            return "privileged"
        if any(grant.people is None for grant in able):
            return None
        groups = await self._groups(entry)
        return None if any(grant.people & groups for grant in able if grant.people) else "out_of_scope"

    def record(self, trail: Trail, tag: Tag, actor: Actor, account: str = "", **facts: str) -> None:
        """Leave the event of the act: who did it, to whom, and why."""
        trail.record(tag, self.clock.now(), account=account, actor=actor.account, reason=actor.reason, **facts)

    def refused(self, trail: Trail, actor: Actor, account: str, why: ActRefusal) -> NotAllowed:
        """Leave the event of an act that was refused, and return the error to raise."""
        self.record(trail, Tag.ACT_REFUSED, actor, account, cause=f"{actor.right} {why}")
        return NotAllowed(why)

    async def _actor(self, entry: DirectoryEntry, right: Right, reason: str) -> Actor:
        groups = await self._groups(entry) if any(scope.role in entry.roles for scope in self.scopes) else frozenset()
        grants = grants_of(entry.roles, groups, self.scopes)
        return Actor(self.keyring.account_key(entry.object_id), entry, right, reason, grants)

    async def _groups(self, entry: DirectoryEntry | None) -> frozenset[str]:
        """Return the groups of the entry. None where the directory has no groups, or no such entry any more."""
        if entry is None or Capability.ATTRIBUTES not in self.directory.capabilities:
            return frozenset()
        return frozenset(folded(group) for group in (await self.directory.attributes(entry)).groups)
