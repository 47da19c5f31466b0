"""Stop self-service of a person's account and start it again, on an administrator's request (rule 29)."""

from dataclasses import dataclass, replace

from shared.domain.contact import masked_name
from shared.domain.freezing import frozen, thawed
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._name_binding import NameBinding
from shared.usecases._named_person import Named, NamedPeople
from shared.usecases._rows import Rows


@dataclass(frozen=True, slots=True)
class Freeze:
    """Ends every session, every verification and whatever somebody began. The person is told at every address."""

    named_people: NamedPeople
    name_binding: NameBinding
    rows: Rows
    promised: PromisedNotices
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(self, token: str, identifier: str, reason: str, trail: Trail) -> bool:
        """Freeze, and return whether self-service was open. Whoever never registered is frozen too.

        Raises SignInRequired, SignInAgain, Frozen, TryAgain, NotFound, and NotAllowed also for the own account.
        """
        named = await self.named_people.named(token, Right.FREEZE, identifier, trail, Tag.FROZEN, reason)
        now = self.clock.now()
        event, version, session_version = (self.randomness.token() for _ in range(3))
        if named.entry is not None:
            await self.name_binding.bind(named.entry)
        row = self.rows.change(named.account, event)
        while True:
            person = await row.read()
            after = frozen(
                _known(person, named),
                by=named.actor.entry.object_id,
                reason=reason,
                event=event,
                version=version,
                session_version=session_version,
                now=now,
            )
            is_new = person.frozen_at is None
            if is_new:
                await row.promise(self.promised.promise)
            if await row.write(after if is_new else None):
                break
        self._record(trail, Tag.FROZEN, named, "" if is_new else "frozen_already")
        return is_new

    async def thaw(self, token: str, identifier: str, reason: str, trail: Trail) -> bool:
        """End a freeze, also that of an objection, and return whether there was one. Raises the same."""
        named = await self.named_people.named(token, Right.THAW, identifier, trail, Tag.THAWED, reason)
        now = self.clock.now()
        event, version, session_version = (self.randomness.token() for _ in range(3))
        row = self.rows.change(named.account, event)
        while True:
            person = await row.read()
            after = thawed(
                person, event=event, version=version, session_version=session_version, now=now, policy=self.policy
            )
            if after != person:
                await row.promise(self.promised.promise)
            if await row.write(None if after == person else after):
                break
        self._record(trail, Tag.THAWED, named, "" if after != person else "not_frozen")
        return after != person

    def _record(self, trail: Trail, tag: Tag, named: Named, cause: str) -> None:
        self.named_people.staff.record(trail, tag, named.actor, named.account, cause=cause)


def _known(person: Person, named: Named) -> Person:
    """Return the row with its account, so that the freeze of somebody who never registered is kept."""
    if named.entry is None:
        return person
    return replace(
        person,
        object_id=named.entry.object_id,
        masked_name=masked_name(named.entry.names[0]),
        privileged=named.entry.is_privileged,
    )
