"""Deliver notices at least once, to every confirmed contact and to those removed in the last 30 days (R-50)."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.domain.account import AccountKey
from shared.domain.forgetting import REMEMBER_REMOVED
from shared.domain.loss_wait import ends_at
from shared.domain.notices import Told, after_delivery, is_told, reference_of, wait_before, wait_of
from shared.domain.person import Notice, Person, Sealed
from shared.domain.policy import Policy
from shared.domain.trail import NoticeOrder, Tag, Trail
from shared.methods import channel_to
from shared.ports.clock import Clock
from shared.ports.people import People
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._counting import Counting
from shared.usecases._objections import ObjectionCodes
from shared.usecases._outgoing import Outgoing, SendOutcome
from shared.usecases._rows import Rows

LONGEST: Final = timedelta(minutes=1)
"""Time for one order, far below the time that the host allows. What is left is done when the order comes again."""

MAYBE: Final = {
    "password_changed": "password_maybe_changed",
    "account_unlocked": "account_maybe_unlocked",
    "access_pass_issued": "access_pass_maybe_issued",
}
"""What a notice says while nobody knows the outcome."""
OF_PASSWORDS: Final = {*MAYBE, *MAYBE.values()}
"""Notices of what changes nothing in the coverage, so that a reset costs no call for it (rule 17)."""


@dataclass(frozen=True, slots=True)
class DeliverNotice:
    """Sends the notices on the row that are due, writes once what was sent, and puts the order back while one is owed.

    Each order that comes goes back at most once, so the number of orders never grows. Notices have no limit of their
    own: an attacker must not use it up to silence them. What causes them is limited (rule 23).
    """

    people: People
    rows: Rows
    outgoing: Outgoing
    objections: ObjectionCodes
    promised: PromisedNotices
    counting: Counting
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(self, order: NoticeOrder, trail: Trail) -> None:
        """Send what is due. Raises TryAgain if the store or the queue did not answer; the queue repeats the order."""
        stored = await self.people.read(AccountKey(order.account))
        person, now, told = stored.person.within_places(), self.clock.now(), dict[str, Told]()
        addresses = dict(self._addresses(person))
        for notice in person.notices:
            if wait_before(notice, order, now) <= timedelta() and self.clock.now() < now + LONGEST:
                told[notice.event] = await self._tell_everybody(person, notice, addresses, trail)
        if told:
            row = self.rows.change(person.account, self.randomness.token(), stored=stored)
            while True:
                after, given_up = after_delivery(await row.read(), told, addresses, self.clock.now())
                if await row.write(after):
                    break
            for notice in given_up:
                trail.record(
                    Tag.NOTICE_GIVEN_UP, self.clock.now(), account=person.account, method=notice.method,
                    cause=notice.template,
                )  # fmt: skip
        is_missing = order.event not in {"", *(notice.event for notice in person.notices)}
        if is_missing or any(notice.template not in OF_PASSWORDS for notice in person.notices):
            await self.counting.count(person.account, ask=False)  # before the order goes back, which repeats it
        wait = wait_of(after if told else person, order, self.clock.now(), is_missing=is_missing)
        if wait is not None:
            await self.promised.promise(NoticeOrder(account=order.account, event=order.event, returned=1), delay=wait)

    async def _tell_everybody(
        self, person: Person, notice: Notice, addresses: Mapping[str, tuple[Sealed, str]], trail: Trail
    ) -> Told:
        """Send to all addresses that have not been told, at the same time."""
        untold = {destination: to for destination, to in addresses.items() if not is_told(notice, destination)}
        outcomes = await asyncio.gather(*(self._tell(person, notice, *to) for to in untold.values()))
        for (sealed, _), outcome in zip(untold.values(), outcomes, strict=True):
            trail.record(
                Tag.NOTICE_DELIVERED,
                self.clock.now(),
                account=person.account,
                method=sealed.method,
                cause=outcome.cause,
                reference=reference_of(notice),
            )
        done = [to for to, outcome in zip(untold, outcomes, strict=True) if not outcome.owed]
        return Told(notice=notice, destinations=done)

    def _addresses(self, person: Person) -> Iterator[tuple[str, tuple[Sealed, str]]]:
        """Yield each destination once, with its contact and channel."""
        seen = set()
        horizon = self.clock.now() - REMEMBER_REMOVED
        entries = [method.sealed for method in person.confirmed]
        entries += [contact.sealed for contact in person.removed if contact.removed_at > horizon]
        for sealed in entries:
            channel = channel_to(sealed.method)
            if channel and sealed.destination not in seen:
                seen.add(sealed.destination)
                yield sealed.destination, (sealed, channel)

    async def _tell(self, person: Person, notice: Notice, sealed: Sealed, channel: str) -> SendOutcome:
        template = MAYBE.get(notice.template, notice.template) if notice.provisional else notice.template
        return await self.outgoing.send(
            person.account,
            sealed,
            channel,
            template,
            {
                "account": person.masked_name,
                "at": notice.at,
                "method": notice.method,
                "origin": notice.origin,
                "reference": reference_of(notice),
                "until": ends_at(notice.at, self.policy),
                **person.times_in,
                "left": "" if notice.left is None else str(notice.left),
                "objection": self.objections.of(person, notice.event, sealed.destination),
            },
            language=person.message_language,
            idempotency=f"{notice.event}:{template}:{sealed.destination}",
        )
