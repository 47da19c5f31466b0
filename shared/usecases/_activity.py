"""Read what happened to an account, newest first, as its owner may see it (M33)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.domain.audit_schema import Result, result_of
from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.objection import still_open
from shared.domain.person import Person
from shared.domain.trail import AuditEvent, Tag
from shared.ports.audit_log import AuditLog, By
from shared.ports.clock import Clock
from shared.validation.client_address import coarse_network

KEPT: Final = timedelta(days=366)
"""The audit log keeps events for as long as this, at least (R-105)."""

HIDDEN: Final = frozenset({
    Tag.CHANGE_CHALLENGED, Tag.CHANGE_PROVED, Tag.CHANGE_REFUSED, Tag.METHOD_BEGUN, Tag.METHOD_COPIED,
    Tag.OBJECTION_REFUSED, Tag.RESET_CHALLENGED, Tag.CODE_DELIVERED,
    Tag.CODE_SPOKEN, Tag.CODE_NOT_SPOKEN, Tag.NOTICE_DELIVERED, Tag.NOTICE_GIVEN_UP,
    Tag.DELIVERY_LOST, Tag.MESSAGE_DISCARDED, Tag.DELIVERY_REPORTED, Tag.LIMIT_REACHED, Tag.TOKEN_REFUSED, Tag.ERASED,
    Tag.ACTIVATION_ASKED, Tag.ACTIVATION_NOT_ISSUED, Tag.ACTIVATION_REFUSED, Tag.VIEWED,
    Tag.AUDIT_READ, Tag.ACT_REFUSED, Tag.COVERAGE_LISTED, Tag.COVERAGE_RECOUNTED,
    Tag.IMPORT_BEGUN, Tag.IMPORT_ENDED, Tag.IMPORT_CANCELLED, Tag.IMPORT_RESUMED, Tag.LETTER_MADE,
})  # fmt: skip
"""Steps on the way, and what is of interest to operators only. Every other tag has words in the catalogue."""

NOBODY_DID: Final = frozenset({
    Tag.ACCOUNT_CREATED, Tag.METHOD_REACHED, Tag.METHOD_SUSPECTED, Tag.NUMBER_OPTED_IN, Tag.NUMBER_OPTED_OUT,
    Tag.PREFILLED, Tag.REREGISTRATION, Tag.METHODS_COMPROMISED, Tag.REGISTRATION_ASKED, Tag.REMINDER_DELIVERED,
    Tag.EXPIRY_DELIVERED,
    Tag.UNBLOCKED, Tag.FROZEN, Tag.THAWED, Tag.CONTACT_REVEALED, Tag.METHOD_TAKEN, Tag.ACTIVATION_ISSUED,
    Tag.ACTIVATION_REVOKED,
})  # fmt: skip
"""What the service or an administrator did. "This was not me" means nothing there."""

MAY_BE_STOPPED: Final = frozenset({Tag.METHOD_CONFIRMED, Tag.METHOD_REMOVED, Tag.LOSS_REPORTED})
"""What has a notice with a code (rule 29)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event. `network` and `device` are empty where an administrator did it: they are theirs."""

    at: datetime
    what: Tag
    method: str
    by_administrator: bool
    network: str
    device: str
    reference: str
    not_me: str | None
    """`code`: the notice of the change has a code that stops it. `helpdesk`: somebody must look. None: no one did."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Reads one range of the audit log, with a bound."""

    audit_log: AuditLog
    clock: Clock

    async def of(self, person: Person, *, most: int, everything: bool = False) -> Sequence[Happened]:
        """Return the newest of at most `most` events: `everything`, or what has words. Raises StoreLost."""
        now = self.clock.now()
        found = self.audit_log.find(By.ACCOUNT, person.account, now - KEPT, now + CLOCK_MARGIN, most=most)
        events = [one.event async for one in found]
        return [self._seen(event, person, now) for event in events if everything or _is_told(event)]

    def _seen(self, event: AuditEvent, person: Person, now: datetime) -> Happened:
        administrator = bool(event.actor)
        return Happened(
            at=event.at,
            what=event.tag,
            method=event.method,
            by_administrator=administrator,
            # Whatever an operator has chosen for the audit log: enough to recognise, and no digest.
            network="" if administrator else coarse_network(event.network),
            device="" if administrator else event.device,
            reference=event.reference,
            not_me=None if administrator or event.tag in NOBODY_DID else _way(event, person, now),
        )


def _is_told(event: AuditEvent) -> bool:
    """Whether it has words and, where staff did it, changed or showed something."""
    return event.tag not in HIDDEN and (not event.actor or result_of(event) is Result.SUCCESS)


def _way(event: AuditEvent, person: Person, now: datetime) -> str:
    # The event is recorded shortly after the write that made the change.
    open_changes = (change for change, _ in still_open(person, now) if change.method == event.method)
    stoppable = event.tag in MAY_BE_STOPPED and any(abs(one.at - event.at) <= CLOCK_MARGIN for one in open_changes)
    return "code" if stoppable else "helpdesk"
