"""Choose how messages are written: their language, and the time zone of their times."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.domain.language import Language
from shared.domain.person import Person
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.randomness import Randomness
from shared.usecases._own_registration import OwnRegistration, RegistrationView
from shared.usecases._rows import Rows
from shared.usecases._signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class Choose:
    """A choice holds for every message, also for codes that are asked for on a page in another language.

    Both raise SignInRequired, SignInAgain and Frozen.
    """

    signed_in: SignedIn
    rows: Rows
    own_registration: OwnRegistration
    randomness: Randomness
    clock: Clock

    async def language(self, token: str, language: Language | None, trail: Trail) -> RegistrationView:
        """Keep the language and return the registration. None: messages are in that of the pages again."""
        return await self._keep(
            token, lambda who: replace(who, wanted_language=language or ""), Tag.LANGUAGE_CHOSEN, trail
        )

    async def time_zone(self, token: str, zone: str | None, trail: Trail) -> RegistrationView:
        """Keep the time zone (IANA name) and return the registration. None: that of the organisation again."""
        return await self._keep(token, lambda who: replace(who, time_zone=zone or ""), Tag.TIME_ZONE_CHOSEN, trail)

    async def _keep(self, token: str, choice: Callable[[Person], Person], tag: Tag, trail: Trail) -> RegistrationView:
        caller = await self.signed_in.for_a_write(token)
        entry, session = await self.signed_in.entry_now(caller, trail), caller.session
        row = self.rows.change(session.account, self.randomness.token(), stored=caller.stored)
        while True:
            person = await row.read()
            session.bound_to(person)
            after = choice(person)
            if await row.write(None if after == person else after):
                break
        if after != person:
            trail.record(tag, self.clock.now(), account=session.account)
        return await self.own_registration.view(row.stored.person, entry.roles)
