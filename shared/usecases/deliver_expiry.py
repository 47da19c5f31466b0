"""Tell a person that the password expires, once for each day of the policy and in their daytime (M11)."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from shared.domain.account import AccountKey
from shared.domain.expiry import days_until, expecting, next_look, scheduled
from shared.domain.organisation import Organisation
from shared.domain.person import Person, Reminder
from shared.domain.policy import Policy
from shared.domain.trail import ReminderOrder, Tag, Trail
from shared.ports.clock import Clock
from shared.ports.directory import Directory, DirectoryLost
from shared.ports.due_index import DueIndex
from shared.ports.randomness import Randomness
from shared.usecases._due import daytime_of
from shared.usecases._reminding import Reminding, after_a_claim, is_dealt_with
from shared.usecases._rows import Rows


@dataclass(frozen=True, slots=True)
class DeliverExpiry:
    """Asks the directory for the day again before anything is said: a password may have been set anywhere meanwhile.

    Then it claims the notice by account and entry, as a reminder to reconfirm does.
    """

    rows: Rows
    expiries: DueIndex
    directory: Directory
    reminding: Reminding
    clock: Clock
    randomness: Randomness
    organisation: Organisation
    policy: Policy

    async def __call__(self, order: ReminderOrder, trail: Trail) -> None:
        """Send the notice if it is due. Raises TryAgain if it could not be claimed."""
        account, asked, day = AccountKey(order.account), False, None
        claim = Reminder(day=order.day, at=self.clock.now(), nonce=self.randomness.token())
        row = self.rows.change(account, claim.nonce)
        while True:
            before = await row.read()
            if not asked and _is_of(before, order.day):
                try:
                    asked, day = True, await self._day(before)
                except DirectoryLost:  # the entry stays, so that a later run of the timer tries again
                    trail.record(Tag.EXPIRY_DELIVERED, self.clock.now(), account=account, cause="no_directory")
                    return
            person, cause = self._claimed(before, claim, day)
            if cause in {"moved", "later"} and person.expiry:  # the index first, then the row
                await self.expiries.add(person.expiry.entry, account)
            if await row.write(None if person == before else person):
                break
        if cause == "send":
            cause = await self._send(person, order, claim)
        # "limited" and "at_night" stay in the index: a later run of the timer tries again.
        if is_dealt_with(cause):
            person = await self._moved_on(account, order)
        is_over = is_dealt_with(cause) or cause in {"stale", "gone", "moved", "later"}
        if is_over and not _is_of(person, order.day):
            await self.expiries.remove(order.day, account)
        trail.record(Tag.EXPIRY_DELIVERED, self.clock.now(), account=account, cause=cause)

    async def _day(self, person: Person) -> datetime | None:
        """Return the day that the directory tells now. None for an account that is gone, disabled or never expires."""
        entry = await self.directory.find(person.object_id) if person.object_id else None
        return entry.password_expires_at if entry is not None and entry.enabled else None

    def _claimed(self, person: Person, claim: Reminder, day: datetime | None) -> tuple[Person, str]:
        """Return the row with the claim, and what to do next."""
        now, daytime = claim.at, daytime_of(person, self.organisation, self.policy)
        if not _is_of(person, claim.day):
            return person, "stale"
        after = expecting(person, day, daytime, now)
        if after.expiry is None:
            return after, "gone"
        if after != person:
            return after, "moved"
        earlier = after.expiry.claim
        claimed = replace(person, expiry=replace(after.expiry, claim=claim))
        if earlier is not None and earlier.day == claim.day:
            cause = after_a_claim(person, earlier, now, is_daytime=daytime.includes(now))
            return (claimed, cause) if cause == "send" else (person, cause)
        if next_look(after.expiry, daytime, now) > now:  # it has expired, the night has come, or a policy has changed
            return scheduled(person, after.expiry, daytime, now), "later"
        return claimed, "send"

    async def _send(self, person: Person, order: ReminderOrder, claim: Reminder) -> str:
        assert person.expiry is not None  # noqa: S101  it was claimed there
        daytime = daytime_of(person, self.organisation, self.policy)
        return await self.reminding.send(
            person,
            "reminder_expiry",
            {"days": str(days_until(person.expiry.at, daytime, claim.at))},
            idempotency=f"expiry:{person.account}:{order.day}",
            release=partial(self._release, person.account, claim),
        )

    async def _release(self, account: AccountKey, claim: Reminder) -> None:
        """Remove the claim from the row, if it is still this one."""
        row = self.rows.change(account, self.randomness.token())
        while True:
            person = await row.read()
            mine = person.expiry if person.expiry and person.expiry.claim == claim else None
            if await row.write(replace(person, expiry=replace(mine, claim=None)) if mine else None):
                return

    async def _moved_on(self, account: AccountKey, order: ReminderOrder) -> Person:
        """Note that the person was told, add the next entry to the index, and return the row."""
        row = self.rows.change(account, self.randomness.token())
        while True:
            person = await row.read()
            if not _is_of(person, order.day) or person.expiry is None:
                return person
            claim = replace(person.expiry.claim, sent=True) if person.expiry.claim else None
            told = replace(person.expiry, claim=claim, told_at=self.clock.now())
            daytime = daytime_of(person, self.organisation, self.policy)
            after = scheduled(person, told, daytime, self.clock.now())
            if after.expiry is not None:
                await self.expiries.add(after.expiry.entry, account)
            if await row.write(after):
                return after


def _is_of(person: Person, entry: str) -> bool:
    """Whether the row has that entry. It decides; the index is only a hint."""
    return person.expiry is not None and person.expiry.entry == entry
