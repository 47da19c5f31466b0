"""Deliver a reminder to reconfirm, once for each entry of the Due index and in the person's daytime (M13)."""

from dataclasses import dataclass, replace
from functools import partial

from shared.domain.account import AccountKey
from shared.domain.organisation import Organisation
from shared.domain.person import Person, Reminder
from shared.domain.policy import Policy
from shared.domain.reminders import days_left, index_hour, next_entry, stage_of
from shared.domain.trail import ReminderOrder, Tag, Trail
from shared.ports.clock import Clock
from shared.ports.due_index import DueIndex
from shared.ports.randomness import Randomness
from shared.usecases._due import daytime_of
from shared.usecases._reminding import Reminding, after_a_claim, is_dealt_with
from shared.usecases._rows import Rows


@dataclass(frozen=True, slots=True)
class DeliverReminder:
    """Claims the reminder by account and entry before it sends, so that repeated orders send it once."""

    rows: Rows
    due: DueIndex
    reminding: Reminding
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
        if is_dealt_with(cause):
            await self._move_on(account, order)
        trail.record(Tag.REMINDER_DELIVERED, self.clock.now(), account=account, cause=cause)

    def _claimed(self, person: Person, claim: Reminder) -> tuple[Person, str]:
        """Return the row with the claim, and what to do next."""
        now, daytime = claim.at, daytime_of(person, self.organisation, self.policy)
        if person.reminder_day != claim.day:
            return person, "stale"
        reminder = person.reminder
        if reminder is not None and reminder.day == claim.day:  # it keeps its entry: the operation id is of it
            cause = after_a_claim(person, reminder, now, is_daytime=daytime.includes(now))
            return (replace(person, reminder=claim), cause) if cause == "send" else (person, cause)
        when = next_entry(person, daytime, now)
        if when is None:
            return person, "stale"
        if when > now:  # a policy, a zone or the registration has changed since, the night has come, or none is left
            return replace(person, reminder_day=index_hour(when)), "later"
        return replace(person, reminder=claim), "send"

    async def _send(self, person: Person, order: ReminderOrder, claim: Reminder) -> str:
        daytime = daytime_of(person, self.organisation, self.policy)
        return await self.reminding.send(
            person,
            f"reminder_{stage_of(person, daytime, claim.at)}",
            {"days": str(abs(days_left(person, daytime, claim.at)))},
            idempotency=f"reminder:{person.account}:{order.day}",
            release=partial(self._release, person.account, claim),
        )

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
