"""Erase everything that is kept about a person, on an administrator's request (GDPR art. 17)."""

from dataclasses import dataclass

from shared.domain.account import AccountKey
from shared.domain.forgetting import REMEMBER_REMOVED, erased, forget_day, is_erased
from shared.domain.limits import By
from shared.domain.person import Person
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.methods import ALL
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.keyring import Keyring
from shared.ports.names import Names
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._limits import Limits
from shared.usecases._named_person import NamedPeople
from shared.usecases._outgoing import Spending
from shared.usecases._rows import Rows
from shared.validation.identifier import canonical_identifier


@dataclass(frozen=True, slots=True)
class Erase:
    """Erases everything except the audit log, which has only a keyed digest of the person.

    The entry in the directory is not changed. It may already have been deleted.
    """

    named_people: NamedPeople
    rows: Rows
    names: Names
    due: DueIndex
    forgetting: DueIndex
    expiries: DueIndex
    limits: Limits
    spending: Spending
    keyring: Keyring
    promised: PromisedNotices
    randomness: Randomness
    clock: Clock

    async def __call__(self, token: str, identifier: str, reason: str, trail: Trail) -> bool:
        """Erase, and return whether anything was kept.

        Raises SignInRequired, SignInAgain, NotAllowed (also for privileged accounts), InvalidInput, NotFound and
        StoreLost. After an error it can be repeated: the names are deleted last, because the row may be found only by
        them.
        """
        named = await self.named_people.named(token, Right.ERASE, identifier, trail, Tag.ERASED, reason)
        account, others = named.account, named.entry.names if named.entry else ()
        before = await self._emptied(account)
        await self.limits.forget(self._known_about(before, {canonical_identifier(identifier), *others}))
        names = await self.names.unbind(account)
        anything = names > 0 or before != Person(account=account)
        cause = "" if anything else "nothing_kept"
        self.named_people.staff.record(trail, Tag.ERASED, named.actor, account, cause=cause)
        return anything

    async def _emptied(self, account: AccountKey) -> Person:
        """Replace the row by an empty one that invalidates every earlier token and session, and return the old row.

        Deleting the row is not enough: a row that does not exist has the constant first version, and so may the token
        of a reset that is under way. The purge deletes the empty row a month later. The notice is promised first:
        without the queue nothing is erased, and the request can be repeated.
        """
        now = self.clock.now()
        event, version, session_version = (self.randomness.token() for _ in range(3))
        row = self.rows.change(account, event)
        while True:
            person = await row.read()
            if is_erased(person):
                return Person(account=account)
            after = erased(person, event=event, version=version, session_version=session_version, now=now)
            if after.notices:
                await row.promise(self.promised.promise)
            if person.reminder_day:  # the index first, so that it has no entry for an empty row
                await self.due.remove(person.reminder_day, account)
            if person.expiry:
                await self.expiries.remove(person.expiry.entry, account)
            await self.forgetting.add(forget_day(now + REMEMBER_REMOVED), account)
            if await row.write(after):
                return person

    def _known_about(self, before: Person, names: set[str]) -> dict[By, set[str]]:
        """Return the values from which this person's counters derive. Counters by client are not found; they expire."""
        sealed = [each for method in before.methods for each in (method.sealed, method.to_confirm)]
        sealed += [pending.sealed for pending in before.pending]
        sealed += [contact.sealed for contact in before.removed]
        destinations = {one.destination for one in sealed}
        destinations |= {self.spending.budget(before.account, one) for one in sealed}
        return {
            By.ACCOUNT: {before.account},
            By.VERSION: {before.session_version},
            By.METHOD: set(ALL),
            By.DESTINATION: destinations,
            By.NAME: {self.keyring.name_key(name) for name in names},
        }
