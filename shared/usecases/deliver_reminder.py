"""Deliver a reminder to reconfirm, once for each entry of the Due index and in the person's daytime (M13)."""

from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain.account import AccountKey
from shared.domain.limits import REMINDERS
from shared.domain.organisation import Organisation
from shared.domain.person import Person, RegisteredMethod, Reminder, Sealed
from shared.domain.policy import Policy
from shared.domain.reminders import days_left, index_hour, next_entry, stage_of
from shared.domain.trail import ReminderOrder, Tag, Trail
from shared.methods import channel_to
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.randomness import Randomness
from shared.ports.store import StoreLost
from shared.usecases._due import daytime_of
from shared.usecases._limits import Limits
from shared.usecases._outgoing import Outgoing, Spending
from shared.usecases._rows import Rows

AMBIGUOUS_AFTER = timedelta(seconds=60)
"""An older claim without `sent` belongs to a delivery that stopped. An email is sent again, because the provider takes
one operation id only once. An SMS is not, because the person might get it twice."""


@dataclass(frozen=True, slots=True)
class DeliverReminder:
    """Claims the reminder by account and entry before it sends, so that repeated orders send it once."""

    rows: Rows
    due: DueIndex
    outgoing: Outgoing
    limits: Limits
    spending: Spending
    clock: Clock
    randomness: Randomness
    organisation: Organisation
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
        # "limited" and "at_night" stay in the index: a later run of the timer tries again.
        if cause in {"sent", "nowhere", "sent_before"} or cause.startswith("refused"):
            await self._move_on(account, order)
        trail.record(Tag.REMINDER_DELIVERED, self.clock.now(), account=account, cause=cause)

    def _claimed(self, person: Person, claim: Reminder) -> tuple[Person, str]:
        """Return the row with the claim, and what to do next."""
        now, daytime = claim.at, daytime_of(person, self.organisation, self.policy)
        if person.reminder_day != claim.day:
            return person, "stale"
        reminder = person.reminder
        if reminder is not None and reminder.day == claim.day:
            return self._claimed_before(person, reminder, claim, is_daytime=daytime.includes(now))
        when = next_entry(person, daytime, now)
        if when is None:
            return person, "stale"
        if when > now:  # a policy, a zone or the registration has changed since, the night has come, or none is left
            return replace(person, reminder_day=index_hour(when)), "later"
        return replace(person, reminder=claim), "send"

    def _claimed_before(
        self, person: Person, reminder: Reminder, claim: Reminder, *, is_daytime: bool
    ) -> tuple[Person, str]:
        """Return what to do where a delivery has claimed this entry. It keeps its entry: the operation id is of it."""
        if reminder.sent:
            return person, "sent_before"
        if claim.at < reminder.at + AMBIGUOUS_AFTER:
            return person, "under_way"
        method = self._method(person)
        if method is None or channel_to(method.name) != "email":
            return person, "sent_before"
        return (replace(person, reminder=claim), "send") if is_daytime else (person, "at_night")

    def _method(self, person: Person) -> RegisteredMethod | None:
        """Return a method that is not suspect, and email before SMS: it can be repeated safely.

        Nothing is sent to a suspect one: every week a message to a dead address would harm the sender.
        """
        reachable = [method for method in person.confirmed if channel_to(method.name) and method.suspect_at is None]
        return min(reachable, key=lambda method: channel_to(method.name) != "email", default=None)

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
        daytime = daytime_of(person, self.organisation, self.policy)
        left = days_left(person, daytime, claim.at)
        outcome = await self.outgoing.send(
            person.account,
            method.sealed,
            channel_to(method.name),
            f"reminder_{stage_of(person, daytime, claim.at)}",
            {"account": person.masked_name, "days": str(abs(left))},
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
        """Mark this reminder as sent, add the next one to the index if there is one, then remove the old entry."""
        row = self.rows.change(account, self.randomness.token())
        while True:
            person = await row.read()
            after = None
            if person.reminder is not None and person.reminder_day == order.day:
                after = self._after(replace(person, reminder=replace(person.reminder, sent=True)))
                if after.reminder_day:
                    await self.due.add(after.reminder_day, account)
            if await row.write(after):
                break
        await self.due.remove(order.day, account)

    def _after(self, person: Person) -> Person:
        when = next_entry(person, daytime_of(person, self.organisation, self.policy), self.clock.now())
        return replace(person, reminder_day=index_hour(when) if when else "")
