"""Show an administrator what happened to one person, newest first, a page at a time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.errors import Refused
from shared.domain.roles import Right
from shared.domain.trail import AuditEvent, Tag, Trail
from shared.ports.audit_log import By
from shared.ports.clock import Clock
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._activity import HIDDEN
from shared.usecases._audit_pages import AuditPages, Found
from shared.usecases._named_person import NamedPeople

KEPT: Final = timedelta(days=397)
"""Tables of months are kept for a year after their last day (R-105). Nothing is older."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePlace:
    """How far somebody has read. Sealed, and good for them and this person only."""

    reader: str
    person: str
    after: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page. `next` leads to the next one; None on the last."""

    events: tuple[Found, ...]
    next: str | None


LOOKS: Final = frozenset({Tag.VIEWED, Tag.AUDIT_READ})


def _tells(event: AuditEvent) -> bool:
    """Whether it is what the person sees too, or an act of staff."""
    return event.tag not in HIDDEN or (bool(event.actor) and event.tag not in LOOKS)


@dataclass(frozen=True, slots=True)
class ViewTimeline:
    """Reads one range of keys for each month that the page reaches into. That somebody looked is on the record."""

    named_people: NamedPeople
    audit_pages: AuditPages
    tokens: Tokens
    clock: Clock

    async def __call__(
        self, token: str, identifier: str, trail: Trail, *, most: int, after: str | None, steps: bool = False
    ) -> Timeline:
        """Return at most `most` events. `steps`: also the steps on the way, and who looked.

        Raises SignInRequired, Frozen, NotAllowed, InvalidInput, TryAgain, NotFound where nobody has the name, and
        Refused for a place that is not the caller's in this timeline.
        """
        named, now = (
            await self.named_people.named(token, Right.READ_PEOPLE, identifier, trail, Tag.VIEWED),
            self.clock.now(),
        )
        begun = TimelinePlace(reader=named.actor.account, person=named.account, after="")
        place = self.tokens.open(TokenPurpose.AUDIT_PLACE, after, TimelinePlace) if after is not None else begun
        if (place.reader, place.person) != (begun.reader, begun.person):
            raise Refused
        if after is None:
            self.named_people.staff.record(trail, Tag.VIEWED, named.actor, named.account)
        page = await self.audit_pages.page(
            By.ACCOUNT,
            named.account,
            now - KEPT,
            now + CLOCK_MARGIN,
            most=most,
            after=place.after,
            wanted=None if steps else _tells,
        )
        further = TimelinePlace(reader=begun.reader, person=begun.person, after=page.place)
        return Timeline(page.events, self.tokens.seal(TokenPurpose.AUDIT_PLACE, further) if page.place else None)
