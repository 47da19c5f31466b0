"""Deliver a reminder: ask the person to reconfirm, once for each due day (M13)."""

from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain.account import AccountKey
from shared.domain.audit import AuditEvent, Tag
from shared.domain.gates import due_at
from shared.domain.message import Letter, ReminderOrder
from shared.domain.person import Person, RegisteredMethod, Reminder
from shared.domain.policy import Policy
from shared.domain.trail import Trail
from shared.messages import render
from shared.methods import ALL
from shared.ports.channel import Channel, NotSent
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.keyring import Keyring, Unreadable
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.ports.rate_limiter import RateLimiter
from shared.usecases._conditional import Decision, decide

AMBIGUOUS_AFTER = timedelta(seconds=60)
"""A claim so old without its `sent` belongs to a delivery that died. By email it is repeated, since the provider takes
one operation id only once; by SMS it is not, since nothing would stop a second message."""


@dataclass(frozen=True, slots=True)
class DeliverReminder:
    """Claims by account and due day before it sends: however often the timer ran, one reminder arrives."""

    people: People
    due: DueIndex
    limiter: RateLimiter
    channels: dict[str, Channel]
    keyring: Keyring
    clock: Clock
    randomness: Randomness
    product_name: str
    policy: Policy

    async def __call__(self, order: ReminderOrder, trail: Trail) -> None:
        """Raises TryAgain while nothing was claimed."""
        account = AccountKey(order.account)
        claim = Reminder(day=order.day, at=self.clock.now(), nonce=self.randomness.token())
        told = await decide(
            self.people,
            account,
            lambda person: self._claim(person, claim),
            landed=lambda row: row.reminder == claim,
            before_write=self._enter,
        )
        person, cause = told.outcome
        if cause in {"stale", "later"}:  # the index is never the truth: the row has moved on
            await self.due.remove(order.day, account)
        elif cause == "send":
            cause = await self._send(person, order)
        if cause in {"sent", "limited", "nowhere", "sent_before"} or cause.startswith("refused"):
            await self._move_on(person, order)
        trail.events.append(AuditEvent(tag=Tag.REMINDER_DELIVERED, at=self.clock.now(), account=account, cause=cause))

    def _claim(self, person: Person, claim: Reminder) -> Decision[tuple[Person, str]]:
        now = claim.at
        when = due_at(person, self.policy)
        if person.reminder_day != claim.day or when is None:
            return Decision((person, "stale"))
        if when.date() > now.date():  # the policy has become more patient since the entry was made
            after = replace(person, reminder_day=when.strftime("%Y%m%d"))
            return Decision((after, "later"), after)
        reminder = person.reminder
        if reminder is not None and reminder.day == claim.day:
            if reminder.sent:
                return Decision((person, "sent_before"))
            if now < reminder.at + AMBIGUOUS_AFTER:
                return Decision((person, "under_way"))
            method = self._method(person)
            if method is None or ALL[method.name].channels[0] != "email":
                return Decision((person, "sent_before"))
        after = replace(person, reminder=claim)
        return Decision((after, "send"), after)

    async def _enter(self, claimed: tuple[Person, str]) -> None:
        person, cause = claimed
        if cause == "later":  # the index first, then the row
            await self.due.add(person.reminder_day, person.account)

    def _method(self, person: Person) -> RegisteredMethod | None:
        """One that still reaches the person; of those, email: it costs nothing and can be repeated safely."""
        reachable = [method for method in person.confirmed if ALL[method.name].channels]
        return min(reachable, key=lambda method: (method.suspect_at is not None, method.name != "email"), default=None)

    async def _send(self, person: Person, order: ReminderOrder) -> str:
        method = self._method(person)
        if method is None:
            return "nowhere"
        if not (
            await self.limiter.hit(self.keyring.digest("notices", method.destination), self.policy.notice_rates)
        ).allowed:
            return "limited"
        channel = ALL[method.name].channels[0]
        try:
            contact = self.keyring.open(method.sealed, account=person.account, purpose=method.name)
        except Unreadable:  # its key is no longer held; the sign-in page asks for another contact
            return "refused unreadable"
        rendered = render("reminder", person.language, channel, {"product": self.product_name})
        letter = Letter(
            channel=channel,
            to=ALL[method.name].stored(contact).text,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            account=person.account,
            idempotency=f"reminder:{person.account}:{order.day}",
        )
        try:
            await self.channels[channel].send(letter)
        except NotSent as failure:
            return f"refused {failure.cause}" if failure.permanent else failure.cause
        return "sent"

    async def _move_on(self, person: Person, order: ReminderOrder) -> None:
        """Enter the next reminder, then mark this one as sent, then take the old entry out."""
        next_day = (self.clock.now() + timedelta(days=self.policy.remind_again_days)).strftime("%Y%m%d")
        await self.due.add(next_day, person.account)

        def decision_on(row: Person) -> Decision[None]:
            if row.reminder is None or row.reminder_day != order.day:
                return Decision(None)
            return Decision(None, replace(row, reminder=replace(row.reminder, sent=True), reminder_day=next_day))

        await decide(self.people, person.account, decision_on, landed=lambda row: row.reminder_day != order.day)
        await self.due.remove(order.day, person.account)
