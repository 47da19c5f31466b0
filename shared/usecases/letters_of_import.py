"""Show the activation codes that an import issued, for the letters (rule 27)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.domain.account import AccountKey
from shared.domain.imports import Import, Portion, Settled
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.people import People
from shared.usecases._imports import SealedImports
from shared.usecases._prefilling import Prefilling
from shared.usecases._staff import Actor

MOST: Final = 25
"""Letters of one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """One code that opens an activation now, and what its letter says beside it."""

    row: int
    identifier: str
    code: str
    expires_at: datetime
    first_password: bool
    language: str | None


@dataclass(frozen=True, slots=True)
class LettersOfImport:
    """For who began the import. A code that was spent, revoked, replaced or has expired is passed over.

    The codes are derived again each time, and are kept nowhere. Every one that is shown leaves an event.
    """

    sealed_imports: SealedImports
    prefilling: Prefilling
    people: People
    clock: Clock

    async def __call__(
        self, token: str, import_id: str, after: int, trail: Trail
    ) -> tuple[tuple[LetterFacts, ...], int | None]:
        """Return the next letters behind that row, and the row to go on from: None at the end.

        Raises SignInRequired, SignInAgain, NotAllowed, NotFound and TryAgain.
        """
        actor, found = await self.sealed_imports.own(token, Right.PREFILL, import_id, trail)
        waiting = [one for one in await self._issued(found) if one.verdict.row > after]
        letters = [
            letter for one in waiting[:MOST] for letter in [await self._letter(found, one, actor, trail)] if letter
        ]
        return tuple(letters), waiting[MOST - 1].verdict.row if len(waiting) > MOST else None

    async def _issued(self, of: Import) -> list[Settled]:
        def issued(portion: Portion) -> Iterator[Settled]:
            yield from (one for one in portion.settled if one.verdict.activation == "issued")

        if of.wishes.dry_run:
            return []
        return [one for portion in await self.sealed_imports.portions(of, "done", Portion) for one in issued(portion)]

    async def _letter(self, of: Import, one: Settled, actor: Actor, trail: Trail) -> LetterFacts | None:
        account, row = AccountKey(one.account), one.verdict.row
        person, now, serial = (
            (await self.people.read(account)).person,
            self.clock.now(),
            self.prefilling.serial(of, row),
        )
        there = person.activation
        if there is None or there.serial != serial or not there.mac or now >= there.expires_at:
            return None
        self.sealed_imports.staff.record(trail, Tag.LETTER_MADE, actor, account, verification=serial)
        return LetterFacts(
            row=row,
            identifier=one.verdict.identifier,
            code=self.prefilling.code(of, account, serial),
            expires_at=there.expires_at,
            first_password=one.first_password,
            language=person.message_language or None,
        )
