"""Ask a person to confirm methods again, or declare them compromised, on an administrator's request (rule 20)."""

from dataclasses import dataclass
from typing import Final

from shared.domain.reregistration import Renewals
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.ports.directory import Directory
from shared.usecases._requiring import Requiring
from shared.usecases._staff import Staff
from shared.validation.identifier import canonical_identifier

EVERYTHING: Final = Renewals()


@dataclass(frozen=True, slots=True)
class RequireRegistration:
    """At once. The person is told, and every session ends."""

    staff: Staff
    requiring: Requiring
    directory: Directory

    async def __call__(
        self, token: str, identifier: str, reason: str, trail: Trail, wanted: Renewals = EVERYTHING
    ) -> bool:
        """Return whether there was anything to be confirmed again, or to be declared.

        Raises SignInRequired, SignInAgain, Frozen, NotAllowed, InvalidInput and TryAgain.
        """
        right = Right.COMPROMISE if wanted.compromised else Right.REREGISTER
        actor = await self.staff.admit(token, right, trail, reason)
        entry = await self.directory.resolve(canonical_identifier(identifier))
        if entry is None:
            tag = Tag.METHODS_COMPROMISED if wanted.compromised else Tag.REREGISTRATION
            self.staff.record(trail, tag, actor, cause="unknown_identifier")
            return False
        return await self.requiring.ask(await self.staff.check(actor, entry, trail), wanted, trail, actor)
