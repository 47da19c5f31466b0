"""Choose the language of messages, or let them follow the pages."""

from dataclasses import dataclass, replace

from shared.domain.language import Language
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.randomness import Randomness
from shared.usecases._own_registration import OwnRegistration, RegistrationView
from shared.usecases._rows import Rows
from shared.usecases._signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """A choice holds for every message, also for codes that are asked for on a page in another language."""

    signed_in: SignedIn
    rows: Rows
    own_registration: OwnRegistration
    randomness: Randomness
    clock: Clock

    async def __call__(self, token: str, language: Language | None, trail: Trail) -> RegistrationView:
        """Keep the choice and return the registration. None: messages are in the language of the pages again.

        Raises SignInRequired, SignInAgain and Frozen.
        """
        caller = await self.signed_in.for_a_write(token)
        entry, session = await self.signed_in.entry_now(caller, trail), caller.session
        row = self.rows.change(session.account, self.randomness.token(), stored=caller.stored)
        while True:
            person = await row.read()
            session.bound_to(person)
            after = replace(person, wanted_language=language or "")
            if await row.write(None if after == person else after):
                break
        if after != person:
            trail.record(Tag.LANGUAGE_CHOSEN, self.clock.now(), account=session.account)
        return await self.own_registration.view(row.stored.person, entry.roles)
