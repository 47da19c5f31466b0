"""Ask many people, or everybody, to confirm methods again, on an administrator's request (rule 20)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.domain.account import AccountKey
from shared.domain.errors import ActRefusal
from shared.domain.reregistration import Renewals
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.ports.people import People
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._requiring import Requiring
from shared.usecases._staff import Actor, Staff
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
    """The outcome. `unknown`, `refused`: the places in the list, from 1, of names that nobody has, and of accounts that
    are the caller's own or out of scope. `next`: for the next request.
    """

    asked: int
    unchanged: int
    unknown: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    next: str | None = None


@dataclass(frozen=True, slots=True)
class RequireRegistrations:
    """Repeating a request asks nobody twice. The administrator's own account is passed over."""

    staff: Staff
    requiring: Requiring
    people: People
    directory: Directory
    keyring: Keyring
    tokens: Tokens

    async def named(
        self,
        token: str,
        names: Sequence[CanonicalIdentifier],
        wanted: Renewals,
        reason: str,
        trail: Trail,
        *,
        dry_run: bool,
    ) -> Asked:
        """Ask these people.

        Raises SignInRequired, SignInAgain, Frozen, NotAllowed and TryAgain.
        """
        actor = await self.staff.admit(token, Right.REREGISTER_MANY, trail, reason)
        places = asyncio.Semaphore(AT_ONCE)

        async def judged(name: CanonicalIdentifier) -> tuple[AccountKey | None, ActRefusal | None]:
            async with places:
                if (entry := await self.directory.resolve(name)) is None:
                    return None, None
                account = self.keyring.account_key(entry.object_id)
                return account, await self.staff.refusal(actor, entry, account)

        found = await asyncio.gather(*map(judged, names))
        unknown = tuple(place for place, (account, _) in enumerate(found, 1) if account is None)
        for _ in unknown:
            self.staff.record(trail, Tag.REREGISTRATION, actor, cause="unknown_identifier")
        refused = tuple(place for place, (_, why) in enumerate(found, 1) if why)
        for account, why in dict.fromkeys(found):
            if account and why:
                self.staff.refused(trail, actor, account, why)
        accounts = [account for account, why in dict.fromkeys(found) if account is not None and not why]
        asked = await self._ask(actor, accounts, wanted, trail, dry_run=dry_run)
        return Asked(asked=asked, unchanged=len(accounts) - asked, unknown=unknown, refused=refused)

    async def everybody(
        self, token: str, after: str | None, wanted: Renewals, reason: str, trail: Trail, *, dry_run: bool
    ) -> Asked:
        """Ask the next people of all, from where `after` ended.

        Raises SignInRequired, SignInAgain, Frozen, NotAllowed, TryAgain, and Refused for a place that is not ours.
        """
        actor = await self.staff.admit(token, Right.REREGISTER_MANY, trail, reason, everybody=True)
        place = self.tokens.open(TokenPurpose.PLACE, after, Place) if after else Place(after="")
        rows = await self.people.following(place.after, PAGE)
        found = [row.person.account for row in rows]
        asked = await self._ask(actor, found, wanted, trail, dry_run=dry_run)
        further = self.tokens.seal(TokenPurpose.PLACE, Place(after=found[-1])) if len(found) == PAGE else None
        return Asked(asked=asked, unchanged=len(found) - asked, next=further)

    async def _ask(
        self, actor: Actor, accounts: Sequence[AccountKey], wanted: Renewals, trail: Trail, *, dry_run: bool
    ) -> int:
        """Return how many were asked, or would be."""
        places = asyncio.Semaphore(AT_ONCE)

        async def ask(account: AccountKey) -> bool:
            async with places:
                if dry_run:
                    person = (await self.people.read(account)).person
                    return any(wanted.include(method) and not method.must_renew for method in person.methods)
                return await self.requiring.ask(account, wanted, trail, actor)

        return sum(await asyncio.gather(*(ask(account) for account in accounts if account != actor.account)))
