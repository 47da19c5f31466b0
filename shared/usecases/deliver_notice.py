"""Deliver notices at least once, to every confirmed contact and to those removed in the last 30 days (R-50)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain.account import AccountKey
from shared.domain.errors import TryAgain
from shared.domain.limits import NOTICES
from shared.domain.person import Notice, Person, Sealed
from shared.domain.registration import REMEMBER_REMOVED
from shared.domain.trail import NoticeOrder, Tag, Trail
from shared.methods import channel_to
from shared.ports.clock import Clock
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.usecases._limits import Limits
from shared.usecases._outgoing import Outgoing, SendOutcome
from shared.usecases._rows import Rows

STILL_UNDER_WAY = timedelta(seconds=12)
"""A younger provisional notice is skipped: its completion may still run, and the promised order comes later."""


@dataclass(frozen=True, slots=True)
class DeliverNotice:
    """Sends the notices that are on the row. An order may therefore be delivered more than once."""

    people: People
    rows: Rows
    outgoing: Outgoing
    limits: Limits
    randomness: Randomness
    clock: Clock

    async def __call__(self, order: NoticeOrder, trail: Trail) -> None:
        """Send every notice. Raises TryAgain if an address could not be reached yet; the queue repeats the order."""
        account = AccountKey(order.account)
        person = (await self.people.read(account)).person
        unsent = 0
        for notice in person.notices:
            if notice.provisional and self.clock.now() < notice.at + STILL_UNDER_WAY:
                continue
            unsent += await self._tell_everybody(person, notice, trail)
        if unsent:
            raise TryAgain

    async def _tell_everybody(self, person: Person, notice: Notice, trail: Trail) -> int:
        """Send to each remaining address. Return how many are left; at 0 the notice is removed from the row."""
        left = 0
        for sealed, channel in self._addresses(person):
            if sealed.destination in notice.sent:
                continue
            outcome = await self._tell(person, notice, sealed, channel)
            trail.record(
                Tag.NOTICE_DELIVERED,
                self.clock.now(),
                account=person.account,
                method=sealed.method,
                cause=outcome.cause,
            )
            if outcome.owed:
                left += 1
                continue
            await self._note(person.account, notice, sealed.destination)
        if not left:
            await self._note(person.account, notice, None)
        return left

    def _addresses(self, person: Person) -> Iterator[tuple[Sealed, str]]:
        """Yield each contact and its channel, every destination once. Suspect ones come last."""
        seen = set()
        horizon = self.clock.now() - REMEMBER_REMOVED
        entries = [m.sealed for m in sorted(person.confirmed, key=lambda method: method.suspect_at is not None)]
        entries += [contact.sealed for contact in person.removed if contact.removed_at > horizon]
        for sealed in entries:
            channel = channel_to(sealed.method)
            if channel and sealed.destination not in seen:
                seen.add(sealed.destination)
                yield sealed, channel

    async def _tell(self, person: Person, notice: Notice, sealed: Sealed, channel: str) -> SendOutcome:
        if not await self.limits.allows(NOTICES, destination=sealed.destination):
            # An attacker must not flood a person with notices. The audit log still has the event.
            return SendOutcome("limited")
        template = "password_maybe_changed" if notice.provisional else notice.template
        return await self.outgoing.send(
            person.account,
            sealed,
            channel,
            template,
            {"at": notice.at, "method": notice.method, "origin": notice.origin},
            language=person.language,
            idempotency=f"{notice.event}:{template}:{sealed.destination}",
        )

    async def _note(self, account: AccountKey, notice: Notice, destination: str | None) -> None:
        """Record that the notice was sent to a destination. None removes the notice."""
        row = self.rows.change(account, self.randomness.token())
        while True:
            person = await row.read()
            current = next((entry for entry in person.notices if entry.event == notice.event), None)
            after = None
            if current is not None and destination not in current.sent:
                others = tuple(entry for entry in person.notices if entry.event != notice.event)
                told = () if destination is None else (replace(current, sent=(*current.sent, destination)),)
                after = replace(person, notices=(*others, *told))
            if await row.write(after):
                return
