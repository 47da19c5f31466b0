"""Read the audit log a page at a time, with the names of those concerned: for a search, and for a person's timeline.

A page looks at a bounded number of events, so a page of a search for few may be empty and still have a next one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.domain.audit_schema import MEANINGS, Result, Schema, result_of
from shared.domain.trail import AuditEvent, Tag
from shared.ports.audit_log import AuditLog, By
from shared.usecases._naming import Named, Naming

LOOKED_AT: Final = 2000
"""Events that one page looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One event as its reader sees it."""

    id: str
    at: datetime
    action: Tag
    result: Result
    asim_schema: Schema
    asim_type: str
    person: str
    person_id: str
    person_key: str
    actor: str
    actor_id: str
    actor_key: str
    method: str
    cause: str
    reason: str
    reference: str
    verification: str
    network: str
    client: str
    device: str


@dataclass(frozen=True, slots=True)
class Page:
    """Events, newest first, and the place after which the next page begins. Empty on the last page."""

    events: tuple[Found, ...]
    place: str


@dataclass(frozen=True, slots=True)
class AuditPages:
    """One range of keys in a partition for a person, and in sixteen for everything else, for each month."""

    audit_log: AuditLog
    naming: Naming

    async def page(
        self,
        by: By,
        value: str,
        since: datetime,
        until: datetime,
        *,
        most: int,
        after: str = "",
        wanted: Callable[[AuditEvent], bool] | None = None,
    ) -> Page:
        """Return at most `most` events that are `wanted`. Raises StoreLost."""
        looked_at, place, taken = 0, "", []
        at_most = most if wanted is None else LOOKED_AT
        async for one in self.audit_log.find(by, value, since, until, most=at_most, after=after):
            looked_at, place = looked_at + 1, one.place
            if wanted is None or wanted(one.event):
                taken.append(one)
                if len(taken) == most:
                    break
        is_last = len(taken) < most and looked_at < at_most
        named = await self.naming.of(account for one in taken for account in (one.event.account, one.event.actor))
        events = (_found(one.place, one.event, named[one.event.account], named[one.event.actor]) for one in taken)
        return Page(tuple(events), "" if is_last else place)


def _found(place: str, event: AuditEvent, person: Named, actor: Named) -> Found:
    meaning = MEANINGS[event.tag]
    return Found(
        id=place,
        at=event.at,
        action=event.tag,
        result=result_of(event),
        asim_schema=meaning.schema,
        asim_type=meaning.event_type,
        person=person.name,
        person_id=person.object_id,
        person_key=person.key,
        actor=actor.name,
        actor_id=actor.object_id,
        actor_key=actor.key,
        method=event.method,
        cause=event.cause,
        reason=event.reason,
        reference=event.reference,
        verification=event.verification,
        network=event.network,
        client=event.client_key,
        device=event.device,
    )
