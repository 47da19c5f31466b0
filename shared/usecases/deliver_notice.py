"""Deliver what the person must be told: at least once, to every confirmed address, also lately removed ones (R-50)."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain.account import AccountKey
from shared.domain.audit import AuditEvent, Tag
from shared.domain.errors import TryAgain
from shared.domain.message import Letter, NoticeOrder
from shared.domain.person import Notice, Person, RegisteredMethod, RemovedContact
from shared.domain.policy import Policy
from shared.domain.registration import REMEMBER_REMOVED
from shared.domain.trail import Trail
from shared.messages import render
from shared.methods import ALL
from shared.ports.channel import Channel, NotSent
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring, Unreadable
from shared.ports.people import People
from shared.ports.rate_limiter import RateLimiter
from shared.usecases._conditional import Decision, decide

STILL_UNDER_WAY = timedelta(seconds=12)
"""A provisional notice younger than this belongs to a completion that may still be running; its promise comes later."""


@dataclass(frozen=True, slots=True)
class DeliverNotice:
    """What is to be told stands on the row, so an order that is delivered twice, or never, changes nothing."""

    people: People
    limiter: RateLimiter
    channels: dict[str, Channel]
    keyring: Keyring
    clock: Clock
    product_name: str
    policy: Policy

    async def __call__(self, order: NoticeOrder, trail: Trail) -> None:
        """Raises TryAgain when an address could not be told yet: the queue brings the order back."""
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
        """Send to each address not told yet and strike the notice out when none is left; returns how many are left."""
        left = 0
        for name, channel, destination, sealed in self._addresses(person):
            if destination in notice.sent:
                continue
            cause = await self._tell(person, notice, name, channel, destination, sealed)
            trail.events.append(
                AuditEvent(
                    tag=Tag.NOTICE_DELIVERED, at=self.clock.now(), account=person.account, method=name, cause=cause
                )
            )
            if cause == "again":
                left += 1
                continue
            await self._note(person.account, notice, destination)
        if not left:
            await self._note(person.account, notice, None)
        return left

    def _addresses(self, person: Person) -> Iterator[tuple[str, str, str, str]]:
        """Method, channel, destination and sealed contact of each address, every destination once.

        What still reaches the person comes first; a suspect address is told all the same, and last.
        """
        seen = set()
        horizon = self.clock.now() - REMEMBER_REMOVED
        entries: list[RegisteredMethod | RemovedContact] = [
            *sorted(person.confirmed, key=lambda method: method.suspect_at is not None)
        ]
        entries += [contact for contact in person.removed if contact.removed_at > horizon]
        for entry in entries:
            channels = ALL[entry.name].channels
            if channels and entry.destination not in seen:
                seen.add(entry.destination)
                yield entry.name, channels[0], entry.destination, entry.sealed

    async def _tell(
        self, person: Person, notice: Notice, name: str, channel: str, destination: str, sealed: str
    ) -> str:
        counter = self.keyring.digest("notices", destination)
        if not (await self.limiter.hit(counter, self.policy.notice_rates)).allowed:
            return "limited"  # a flood of notices is a harassment of its own; the row and the audit log keep the facts
        template = "password_maybe_changed" if notice.provisional else notice.template
        rendered = render(
            template,
            person.language,
            channel,
            {"product": self.product_name, "at": notice.at, "method": notice.method, "origin": notice.origin},
        )
        try:
            contact = self.keyring.open(sealed, account=person.account, purpose=name)
        except Unreadable:  # its key is no longer held: the others are told, and the audit log says so
            return "unreadable"
        letter = Letter(
            channel=channel,
            to=ALL[name].stored(contact).text,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            account=person.account,
            idempotency=f"{notice.event}:{template}:{destination}",
        )
        try:
            await self.channels[channel].send(letter)
        except NotSent as failure:
            logging.getLogger(__name__).warning("notice not taken: %s", failure.cause)
            return failure.cause if failure.permanent else "again"
        return "sent"

    async def _note(self, account: AccountKey, notice: Notice, destination: str | None) -> None:
        """Write down one destination as told, or (None) strike the whole notice out."""

        def decision_on(person: Person) -> Decision[None]:
            current = next((entry for entry in person.notices if entry.event == notice.event), None)
            if current is None or (destination is not None and destination in current.sent):
                return Decision(None)
            others = tuple(entry for entry in person.notices if entry.event != notice.event)
            if destination is None:
                return Decision(None, replace(person, notices=others))
            told = replace(current, sent=(*current.sent, destination))
            return Decision(None, replace(person, notices=(*others, told)))

        def landed(person: Person) -> bool:
            return all(
                entry.event != notice.event or (destination is not None and destination in entry.sent)
                for entry in person.notices
            )

        await decide(self.people, account, decision_on, landed=landed)
