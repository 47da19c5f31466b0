"""Deliver notices at least once, to every confirmed contact and to those removed in the last 30 days (R-50)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain.account import AccountKey
from shared.domain.errors import TryAgain
from shared.domain.person import Notice, Person, Sealed
from shared.domain.registration import REMEMBER_REMOVED
from shared.domain.trail import NoticeOrder, Tag, Trail
from shared.methods import channel_to
from shared.ports.clock import Clock
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.usecases._outgoing import Outgoing, SendOutcome
from shared.usecases._rows import Rows

STILL_UNDER_WAY = timedelta(seconds=12)
"""A younger provisional notice is skipped: its completion may still run, and the promised order comes later."""


@dataclass(frozen=True, slots=True)
class DeliverNotice:
    """Sends the notices that are on the row, and writes once what was sent. If the process stops in between, they are
    sent again.

    Notices have no limit of their own: an attacker must not use it up to silence them. What causes them is limited
    (rule 23).
    """

    people: People
    rows: Rows
    outgoing: Outgoing
    randomness: Randomness
    clock: Clock

    async def __call__(self, order: NoticeOrder, trail: Trail) -> None:
        """Send every notice. Raises TryAgain if an address could not be reached yet; the queue repeats the order."""
        stored = await self.people.read(AccountKey(order.account))
        person, told = stored.person, dict[str, set[str]]()
        addresses = dict(self._addresses(person))
        for notice in person.notices:
            if notice.provisional and self.clock.now() < notice.at + STILL_UNDER_WAY:
                continue
            told[notice.event] = await self._tell_everybody(person, notice, addresses, trail)
        if not told:
            return
        row = self.rows.change(person.account, self.randomness.token(), stored=stored)
        while not await row.write(_struck_out(await row.read(), told, set(addresses))):
            pass
        if any(notice.event in told for notice in row.stored.person.notices):
            raise TryAgain

    async def _tell_everybody(
        self, person: Person, notice: Notice, addresses: Mapping[str, tuple[Sealed, str]], trail: Trail
    ) -> set[str]:
        """Send to each address that has not been told, and return those for which nothing is left to do."""
        done = set()
        for destination, (sealed, channel) in addresses.items():
            if destination in notice.sent:
                continue
            outcome = await self._tell(person, notice, sealed, channel)
            trail.record(
                Tag.NOTICE_DELIVERED,
                self.clock.now(),
                account=person.account,
                method=sealed.method,
                cause=outcome.cause,
            )
            if not outcome.owed:
                done.add(destination)
        return done

    def _addresses(self, person: Person) -> Iterator[tuple[str, tuple[Sealed, str]]]:
        """Yield each destination once, with its contact and channel. Suspect ones come last."""
        seen = set()
        horizon = self.clock.now() - REMEMBER_REMOVED
        entries = [m.sealed for m in sorted(person.confirmed, key=lambda method: method.suspect_at is not None)]
        entries += [contact.sealed for contact in person.removed if contact.removed_at > horizon]
        for sealed in entries:
            channel = channel_to(sealed.method)
            if channel and sealed.destination not in seen:
                seen.add(sealed.destination)
                yield sealed.destination, (sealed, channel)

    async def _tell(self, person: Person, notice: Notice, sealed: Sealed, channel: str) -> SendOutcome:
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


def _struck_out(person: Person, told: Mapping[str, set[str]], addresses: set[str]) -> Person:
    """Return the row with what was told. A notice that every address was told is removed."""
    notices = []
    for notice in person.notices:
        sent = (*notice.sent, *sorted(told.get(notice.event, set()) - set(notice.sent)))
        if notice.event not in told or not addresses <= set(sent):
            notices.append(replace(notice, sent=sent))
    return replace(person, notices=tuple(notices))
