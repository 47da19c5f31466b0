"""Ask a person to confirm methods again, or declare them compromised, on an administrator's request (rule 20)."""

from dataclasses import dataclass
from typing import Final

from shared.domain.reregistration import Renewals
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.usecases._named_person import NamedPeople
from shared.usecases._requiring import Requiring

EVERYTHING: Final = Renewals()


@dataclass(frozen=True, slots=True)
class RequireRegistration:
    """At once. The person is told, and every session ends."""

    named_people: NamedPeople
    requiring: Requiring

    async def __call__(
        self, token: str, identifier: str, reason: str, trail: Trail, wanted: Renewals = EVERYTHING
    ) -> bool:
        """Return whether there was anything to be confirmed again, or to be declared.

        Raises SignInRequired, SignInAgain, Frozen, NotAllowed, InvalidInput, NotFound and TryAgain.
        """
        right = Right.COMPROMISE if wanted.compromised else Right.REREGISTER
        tag = Tag.METHODS_COMPROMISED if wanted.compromised else Tag.REREGISTRATION
        named = await self.named_people.named(token, right, identifier, trail, tag, reason)
        return await self.requiring.ask(named.account, wanted, trail, named.actor)
