"""Erase: an administrator has everything removed that is kept about a person (GDPR art. 17)."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.account import AccountKey
from shared.domain.audit import AuditEvent, Tag
from shared.domain.errors import NotAllowed
from shared.domain.person import Person
from shared.domain.trail import Trail
from shared.methods import ALL
from shared.ports.directory import Directory
from shared.ports.due_index import DueIndex
from shared.ports.names import Names
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.ports.rate_limiter import RateLimiter
from shared.usecases._conditional import Decision, decide
from shared.usecases._standing import Standing
from shared.validation.identifier import canonical_identifier


@dataclass(frozen=True, slots=True)
class Erase:
    """Everything but the audit log, where a person is a keyed digest and nothing else.

    The directory's own account is the directory's business: it is not touched, and may be gone already.
    """

    people: People
    names: Names
    due: DueIndex
    limiter: RateLimiter
    directory: Directory
    randomness: Randomness
    standing: Standing

    async def __call__(self, token: str, identifier: str, trail: Trail) -> bool:
        """Whether there was anything. Raises SignInRequired, NotAllowed (also for privileged accounts), InvalidInput.

        Each step may be repeated; the names go last, since they may be all that still leads to the row.
        """
        session = self.standing.session(token)
        session.as_administrator()
        session.bound_to((await self.people.read(session.account)).person)
        keyring, name = self.standing.keyring, canonical_identifier(identifier)
        known = await self.directory.resolve(name)
        if known is not None:
            account: AccountKey | None = keyring.account_key(known.object_id)
        else:  # somebody who has left: the directory forgot the name, and we have not
            account = await self.names.find(keyring.name_key(name))
        if account is None:
            self._record(trail, "", session.account, "unknown_identifier")
            return False
        if known is not None and known.is_privileged:
            # Two proofs guard such an account, and a colleague must not take them away with one request.
            self._record(trail, account, session.account, "privileged")
            raise NotAllowed
        before = await self._bury(account)
        for counter in self._counters(before, [name, *(known.names if known else ())]):
            await self.limiter.forget(counter)
        names = await self.names.unbind(account)
        erased = names > 0 or before != Person(account=account)
        self._record(trail, account, session.account, "" if erased else "nothing_kept")
        return erased

    async def _bury(self, account: AccountKey) -> Person:
        """The row as it was; what stands there now holds no datum, and no token or session of before agrees with it.

        Deleting the row would not do: an absent row has the constant first version, and so has the token of a reset
        that is under way for a person who never changed anything. The purge takes the tombstone like any idle row.
        """
        tombstone = Person(account=account, version=self.randomness.token(), password_epoch=self.standing.clock.now())

        def decision_on(person: Person) -> Decision[Person]:
            bare = Person(account=account, version=person.version, password_epoch=person.password_epoch)
            return Decision(Person(account=account), None) if person == bare else Decision(person, tombstone)

        async def leave_the_index(person: Person) -> None:
            if person.reminder_day:
                await self.due.remove(person.reminder_day, account)

        told = await decide(
            self.people,
            account,
            decision_on,
            landed=lambda row: row.version == tombstone.version,
            before_write=leave_the_index,
        )
        return told.outcome

    def _counters(self, before: Person, names: Iterable[str]) -> set[str]:
        """Every counter whose key can be derived; those that mix in a client's address end by themselves in 30 days."""
        keyring, account = self.standing.keyring, before.account
        counters = {keyring.digest("registration.sends", account), keyring.digest("me.password", account)}
        counters |= {keyring.digest("no-destination", account, method) for method in ALL}
        destinations = {method.destination for method in before.methods}
        destinations |= {pending.destination for pending in before.pending}
        destinations |= {contact.destination for contact in before.removed}
        counters |= destinations | {keyring.digest("notices", destination) for destination in destinations}
        return counters | {keyring.digest("start.name", keyring.name_key(name)) for name in names}

    def _record(self, trail: Trail, account: str, administrator: str, cause: str) -> None:
        now = self.standing.clock.now()
        trail.events.append(AuditEvent(tag=Tag.ERASED, at=now, account=account, client=administrator, cause=cause))
