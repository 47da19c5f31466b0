"""Deliver a reminder to reconfirm, once for each due day (M13)."""

from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain.account import AccountKey
from shared.domain.gates import due_at
from shared.domain.limits import REMINDERS
from shared.domain.person import Person, RegisteredMethod, Reminder, Sealed
from shared.domain.policy import Policy
from shared.domain.trail import ReminderOrder, Tag, Trail
from shared.methods import channel_to
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.randomness import Randomness
from shared.ports.store import StoreLost
from shared.usecases._limits import Limits
from shared.usecases._outgoing import Outgoing, Spending
from shared.usecases._rows import Rows

AMBIGUOUS_AFTER = timedelta(seconds=60)
"""An older claim without `sent` belongs to a delivery that stopped. An email is sent again, because the provider takes
one operation id only once. An SMS is not, because the person might get it twice."""


@dataclass(frozen=True, slots=True)
class DeliverReminder:
    """Claims the reminder by account and due day before it sends, so that repeated orders send it once."""

    rows: Rows
    due: DueIndex
    outgoing: Outgoing
    limits: Limits
    spending: Spending
    clock: Clock
    randomness: Randomness
    policy: Policy

    async def __call__(self, order: ReminderOrder, trail: Trail) -> None:
        """Send the reminder if it is due. Raises TryAgain if it could not be claimed."""
        account = AccountKey(order.account)
        claim = Reminder(day=order.day, at=self.clock.now(), nonce=self.randomness.token())
        row = self.rows.change(account, claim.nonce)
        while True:
            person, cause = self._claimed(await row.read(), claim)
            if cause == "later":  # the index first, then the row
                await self.due.add(person.reminder_day, account)
            if await row.write(person if cause in {"later", "send"} else None):
                break
        if cause in {"stale", "later"}:  # the row decides, and it has another day
            await self.due.remove(order.day, account)
        elif cause == "send":
            cause = await self._send(person, order, claim)
        # "limited" stays in the index: the next run of the timer tries again, an hour later.
        if cause in {"sent", "nowhere", "sent_before"} or cause.startswith("refused"):
            await self._move_on(account, order)
        trail.record(Tag.REMINDER_DELIVERED, self.clock.now(), account=account, cause=cause)

    def _claimed(self, person: Person, claim: Reminder) -> tuple[Person, str]:
        """Return the row with the claim, and what to do next."""
        now = claim.at
        when = due_at(person, self.policy)
        if person.reminder_day != claim.day or when is None:
            return person, "stale"
        if when.date() > now.date():  # `reconfirm_days` was raised since the entry was made
            return replace(person, reminder_day=when.strftime("%Y%m%d")), "later"
        reminder = person.reminder
        if reminder is not None and reminder.day == claim.day:
            if reminder.sent:
                return person, "sent_before"
            if now < reminder.at + AMBIGUOUS_AFTER:
                return person, "under_way"
            method = self._method(person)
            if method is None or channel_to(method.name) != "email":
                return person, "sent_before"
        return replace(person, reminder=claim), "send"

    def _method(self, person: Person) -> RegisteredMethod | None:
        """Return a method that is not suspect, if possible, and email before SMS: it can be repeated safely."""
        reachable = [method for method in person.confirmed if channel_to(method.name)]
        return min(
            reachable,
            key=lambda method: (method.suspect_at is not None, channel_to(method.name) != "email"),
            default=None,
        )

    async def _send(self, person: Person, order: ReminderOrder, claim: Reminder) -> str:
        method = self._method(person)
        if method is None:
            return "nowhere"
        by_phone = channel_to(method.name) != "email"
        try:
            allowed = await self._allows(person.account, method.sealed, by_phone=by_phone)
        except StoreLost:  # nothing was sent, and a claim that stays would end this reminder by SMS
            await self._release(person.account, claim)
            raise
        if not allowed:
            await self._release(person.account, claim)
            return "limited"
        outcome = await self.outgoing.send(
            person.account,
            method.sealed,
            channel_to(method.name),
            "reminder",
            {"account": person.masked_name},
            language=person.message_language,
            idempotency=f"reminder:{person.account}:{order.day}",
            counted=by_phone,
        )
        if outcome.refused_for_now:  # certainly not sent, so that the next run of the timer may try again, by SMS too
            await self._release(person.account, claim)
        waits = outcome.owed and outcome.cause != "unreadable"  # the next reminder may find the key again
        return outcome.cause if outcome.sent or waits else f"refused {outcome.cause}"

    async def _allows(self, account: AccountKey, to: Sealed, *, by_phone: bool) -> bool:
        """Count the reminder, and what it costs. Raises StoreLost."""
        within = await self.limits.allows(REMINDERS, destination=self.spending.budget(account, to))
        return within and (not by_phone or await self.spending.allows(account, to))

    async def _release(self, account: AccountKey, claim: Reminder) -> None:
        """Remove the claim from the row, if it is still this one."""
        row = self.rows.change(account, self.randomness.token())
        while True:
            person = await row.read()
            if await row.write(replace(person, reminder=None) if person.reminder == claim else None):
                return

    async def _move_on(self, account: AccountKey, order: ReminderOrder) -> None:
        """Add the next reminder to the index, mark this one as sent, then remove the old entry."""
        next_day = (self.clock.now() + timedelta(days=self.policy.remind_again_days)).strftime("%Y%m%d")
        await self.due.add(next_day, account)
        row = self.rows.change(account, self.randomness.token())
        while True:
            person = await row.read()
            after = None
            if person.reminder is not None and person.reminder_day == order.day:
                after = replace(person, reminder=replace(person.reminder, sent=True), reminder_day=next_day)
            if await row.write(after):
                break
        await self.due.remove(order.day, account)
