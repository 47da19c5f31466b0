"""Ask many people, or everybody, to confirm methods again, on an administrator's request (rule 20)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.domain.account import AccountKey
from shared.domain.reregistration import Renewals
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.ports.people import People
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._requiring import Requiring
from shared.usecases._signed_in import Caller, SignedIn
from shared.validation.identifier import CanonicalIdentifier

AT_ONCE: Final = 8
"""People at the same time, as in a prefill."""

PAGE: Final = 200
"""Rows of everybody that one request looks at, far within the host's time limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a request about everybody has come. Sealed, because no account key leaves the service (rule 7)."""

    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The outcome. `unknown`: the places of names in the list that nobody has, from 1. `next`: for the next request."""

    asked: int
    unchanged: int
    unknown: tuple[int, ...] = ()
    next: str | None = None


@dataclass(frozen=True, slots=True)
class RequireRegistrations:
    """Repeating a request asks nobody twice. The administrator's own account is passed over."""

    signed_in: SignedIn
    requiring: Requiring
    people: People
    directory: Directory
    keyring: Keyring
    tokens: Tokens
    clock: Clock

    async def named(
        self, token: str, names: Sequence[CanonicalIdentifier], wanted: Renewals, trail: Trail, *, dry_run: bool
    ) -> Asked:
        """Ask these people.

        Raises SignInRequired, SignInAgain, Frozen, NotAllowed and TryAgain.
        """
        caller = await self._administrator(token, trail)
        places = asyncio.Semaphore(AT_ONCE)

        async def account_of(name: CanonicalIdentifier) -> AccountKey | None:
            async with places:
                entry = await self.directory.resolve(name)
                return self.keyring.account_key(entry.object_id) if entry else None

        accounts = await asyncio.gather(*map(account_of, names))
        unknown = tuple(place for place, account in enumerate(accounts, 1) if account is None)
        for _ in unknown:
            trail.record(Tag.REREGISTRATION, self.clock.now(), actor=caller.session.account, cause="unknown_identifier")
        found = [account for account in dict.fromkeys(accounts) if account is not None]
        asked = await self._ask(caller, found, wanted, trail, dry_run=dry_run)
        return Asked(asked=asked, unchanged=len(found) - asked, unknown=unknown)

    async def everybody(self, token: str, after: str | None, wanted: Renewals, trail: Trail, *, dry_run: bool) -> Asked:
        """Ask the next people of all, from where `after` ended.

        Raises SignInRequired, SignInAgain, Frozen, NotAllowed, TryAgain, and Refused for a place that is not ours.
        """
        caller = await self._administrator(token, trail)
        place = self.tokens.open(TokenPurpose.PLACE, after, Place) if after else Place(after="")
        rows = await self.people.following(place.after, PAGE)
        found = [row.person.account for row in rows]
        asked = await self._ask(caller, found, wanted, trail, dry_run=dry_run)
        further = self.tokens.seal(TokenPurpose.PLACE, Place(after=found[-1])) if len(found) == PAGE else None
        return Asked(asked=asked, unchanged=len(found) - asked, next=further)

    async def _administrator(self, token: str, trail: Trail) -> Caller:
        caller = await self.signed_in.for_a_write(token)
        await self.signed_in.entry_now(caller, trail, administrator=True)
        return caller

    async def _ask(
        self, caller: Caller, accounts: Sequence[AccountKey], wanted: Renewals, trail: Trail, *, dry_run: bool
    ) -> int:
        """Return how many were asked, or would be."""
        actor, places = caller.session.account, asyncio.Semaphore(AT_ONCE)

        async def ask(account: AccountKey) -> bool:
            async with places:
                if dry_run:
                    person = (await self.people.read(account)).person
                    return any(wanted.include(method) and not method.must_renew for method in person.methods)
                return await self.requiring.ask(account, wanted, trail, actor=actor)

        return sum(await asyncio.gather(*(ask(account) for account in accounts if account != actor)))
