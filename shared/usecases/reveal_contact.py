"""Show an administrator one contact of a person in full, on the record (M12)."""

from dataclasses import dataclass

from shared.domain.errors import InvalidInput
from shared.domain.limits import REVEALS
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.ports.people import People
from shared.usecases._limits import Limits
from shared.usecases._named_person import NamedPeople
from shared.usecases._sealing import Sealing


@dataclass(frozen=True, slots=True)
class RevealContact:
    """The person sees in the activity that it was shown. No message is sent, lest others go unread."""

    named_people: NamedPeople
    people: People
    sealing: Sealing
    limits: Limits

    async def __call__(self, token: str, identifier: str, method: str, reason: str, trail: Trail) -> str:
        """Return the contact as its owner reads it.

        Raises SignInRequired, SignInAgain, Frozen, TryAgain, NotFound, NotAllowed also for the own account, Limited
        after too many in an hour, and InvalidInput where the person has no such contact. A kept secret is none.
        """
        named = await self.named_people.named(token, Right.REVEAL, identifier, trail, Tag.CONTACT_REVEALED, reason)
        await self.limits.enforce(REVEALS, trail, account=named.actor.account)
        person = (await self.people.read(named.account)).person
        registered = person.method(method)
        contact = self.sealing.open_contact(person.account, registered.sealed) if registered is not None else None
        if contact is None:
            raise InvalidInput("method", "not_registered")
        self.named_people.staff.record(trail, Tag.CONTACT_REVEALED, named.actor, named.account, method=method)
        return contact.shown
