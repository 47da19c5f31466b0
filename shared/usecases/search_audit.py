"""Search the audit log, for staff: who did what to whom, when, from where, and how it ended (R-100)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared.domain.account import AccountKey, ObjectId
from shared.domain.audit_schema import Result, result_of
from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.errors import InvalidInput, Refused
from shared.domain.roles import Right
from shared.domain.trail import AuditEvent, Tag, Trail
from shared.ports.audit_log import By
from shared.ports.clock import Clock
from shared.ports.directory import Directory
from shared.ports.keyring import Keyring
from shared.ports.names import Names
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._audit_pages import AuditPages, Found
from shared.usecases._staff import Actor, Staff
from shared.validation.identifier import CanonicalIdentifier

KEPT: Final = timedelta(days=397)
"""Tables of months are kept for a year after their last day (R-105). Nothing is older."""

LAST: Final = timedelta(days=31)
"""What a search looks through that names no beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for. Of person, actor and reference, the first that is given decides which rows are read."""

    reference: str = ""
    person: CanonicalIdentifier | None = None
    actor: CanonicalIdentifier | None = None
    actions: frozenset[Tag] = frozenset()
    result: Result | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPlace:
    """How far a search has come. Sealed: no account key leaves the service (rule 7). Good for who began it."""

    reader: str
    reference: str
    person: str
    object_id: str
    """Of the person. Empty where there is none, or they have left the directory."""
    actor: str
    since: datetime
    until: datetime
    after: str


@dataclass(frozen=True, slots=True)
class FoundEvents:
    """A page, newest first. `next` leads to the next one; None on the last."""

    events: tuple[Found, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class SearchAudit:
    """Each search leaves an event itself: who read, and what about. Its further pages do not."""

    staff: Staff
    audit_pages: AuditPages
    directory: Directory
    names: Names
    keyring: Keyring
    tokens: Tokens
    clock: Clock

    async def __call__(self, token: str, search: Search, trail: Trail, *, most: int, after: str | None) -> FoundEvents:
        """Return a page. Of a search that goes on, only `actions` and `result` are looked at.

        Raises SignInRequired, NotAllowed, TryAgain, InvalidInput for a name that nobody has, and Refused for a place
        that is not the caller's.
        """
        actor = await self.staff.admit(token, Right.READ_AUDIT, trail)
        if after is None:
            place = await self._begun(search, actor.account)
        else:
            place = self.tokens.open(TokenPurpose.AUDIT_PLACE, after, AuditPlace)
            if place.reader != actor.account:
                raise Refused
        await self._refuse_out_of_scope(actor, place, trail)
        if after is None:
            cause = f"{_key(place)[0].name.lower()} {place.since:%Y-%m-%d} {place.until:%Y-%m-%d}"
            self.staff.record(trail, Tag.AUDIT_READ, actor, place.person, cause=cause)

        page = await self.audit_pages.page(
            *_key(place), place.since, place.until, most=most, after=place.after, wanted=_filter(search, place)
        )
        further = replace(place, after=page.place)
        return FoundEvents(page.events, self.tokens.seal(TokenPurpose.AUDIT_PLACE, further) if page.place else None)

    async def _begun(self, search: Search, reader: AccountKey) -> AuditPlace:
        now = self.clock.now()
        oldest, newest = now - KEPT, now + CLOCK_MARGIN
        until = max(min(search.until or newest, newest), oldest)
        since = max(search.since or until - LAST, oldest)
        if since >= until:
            raise InvalidInput("since", "not_allowed")
        person, object_id = await self._account(search.person, "person")
        actor, _ = await self._account(search.actor, "actor")
        return AuditPlace(
            reader=reader,
            reference=search.reference,
            person=person,
            object_id=object_id,
            actor=actor,
            since=since,
            until=until,
            after="",
        )

    async def _refuse_out_of_scope(self, actor: Actor, place: AuditPlace, trail: Trail) -> None:
        """Raise NotAllowed, on each page, where a scope narrows the role and the search is about nobody of it."""
        if actor.reaches_everybody:
            return
        if not place.person:
            raise self.staff.refused(trail, actor, "", "out_of_scope")
        entry = await self.directory.find(ObjectId(place.object_id)) if place.object_id else None
        await self.staff.check(actor, entry, trail, account=AccountKey(place.person))

    async def _account(self, name: CanonicalIdentifier | None, field: str) -> tuple[str, str]:
        """Return the key of the account, and its id in the directory, or "" for somebody who has left."""
        if name is None:
            return "", ""
        entry = await self.directory.resolve(name)
        if entry is not None:
            return self.keyring.account_key(entry.object_id), entry.object_id
        found = await self.names.find(self.keyring.name_key(name))  # somebody who has left
        if found is None:
            raise InvalidInput(field, "unknown")
        return found.account, ""


def _filter(search: Search, place: AuditPlace) -> Callable[[AuditEvent], bool] | None:
    """Return what chooses among the rows that are read. None if all are wanted."""
    if not (search.actions or search.result or sum(map(bool, (place.reference, place.person, place.actor))) > 1):
        return None
    return lambda event: (
        place.person in {"", event.account}
        and place.actor in {"", event.actor}
        and (not search.actions or event.tag in search.actions)
        and search.result in {None, result_of(event)}
    )


def _key(place: AuditPlace) -> tuple[By, str]:
    """Return the rows that are read: those of the fewest events."""
    if place.reference:
        return By.REFERENCE, place.reference
    if place.person:
        return By.ACCOUNT, place.person
    return (By.ACTOR, place.actor) if place.actor else (By.TIME, "")
