"""Decide when a person is reminded to reconfirm, in their own daytime, and in which words (M13).

A registration falls due by its age. Reminders come some days before, on the day, and then every week until a bound, so
that nobody is reminded for ever. A method that a provider could not reach is asked about at once, and every week after
it. Days are those of the person's time zone, and the hours are those of its clocks, also in the week in which they
change. What was sent is on the row, so that a schedule that moves sends nothing twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from shared.domain.gates import due_at
from shared.domain.person import Person, RegisteredMethod
from shared.domain.policy import Policy
from shared.domain.reconfirming import days_before, put_off_until

LEAST_BETWEEN: Final = timedelta(days=2)
"""Between the days of two reminders: after an outage, after a snooze, and where two schedules meet."""

LOOK_AGAIN: Final = timedelta(days=180)
"""After the last reminder."""

HOUR: Final = timedelta(hours=1)


class Stage(StrEnum):
    """What a reminder says. Each has its template, `reminder_<stage>`."""

    AHEAD = "ahead"
    TODAY = "today"
    OVERDUE = "overdue"
    SUSPECT = "suspect"
    RENEWAL = "renewal"


@dataclass(frozen=True, slots=True)
class Daytime:
    """The hours of a person: in their time zone, between two full hours of its clocks."""

    zone: tzinfo
    policy: Policy

    def day(self, at: datetime) -> date:
        """Return the day on the person's calendar."""
        return at.astimezone(self.zone).date()

    def opens(self, day: date) -> datetime:
        """Return the first full hour of UTC in the daytime of that day. Zones with half hours open half an hour later.

        An entry of the Due index has a full hour of UTC, so that the timer reads it only when it can be sent.
        """
        return _full_hour(datetime.combine(day, time(self.policy.remind_from_hour), self.zone).astimezone(UTC))

    def includes(self, at: datetime) -> bool:
        """Whether a message may reach the person now."""
        hour = at.astimezone(self.zone).hour
        return self.policy.remind_from_hour <= hour < self.policy.remind_until_hour

    def from_now(self, now: datetime) -> datetime:
        """Return this hour of UTC, or the next one in the daytime."""
        if self.includes(now):
            return now.replace(minute=0, second=0, microsecond=0)
        today = self.day(now)
        return min(opening for day in (today, today + timedelta(days=1)) if (opening := self.opens(day)) > now)


def next_reminder(person: Person, daytime: Daytime, now: datetime) -> datetime | None:
    """Return the hour of the next reminder, in UTC; the current one for a reminder that was not sent in time.

    None when nothing falls due, or once the last reminder was sent. Of several that were missed, one is sent.
    """
    sent = person.reminder
    least = daytime.day(sent.at) + LEAST_BETWEEN if sent is not None and sent.sent else date.min
    days = [day for day in _days(person, daytime) if day >= least]
    if any(daytime.opens(day) <= now for day in days):
        return daytime.from_now(now)
    return daytime.opens(days[0]) if days else None


def next_entry(person: Person, daytime: Daytime, now: datetime) -> datetime | None:
    """Return the hour of the next entry in the Due index. None for who has nothing that could fall due.

    After the last reminder the row is looked at again now and then. Then a bound that was raised holds, and the row is
    written under the newest key (R-103).
    """
    when = next_reminder(person, daytime, now)
    if when is None and due_at(person, daytime.policy) is not None:
        return daytime.from_now(now + LOOK_AGAIN)
    return when


def stage_of(person: Person, daytime: Daytime, now: datetime) -> Stage:
    """Return what a reminder of this moment says."""
    if any(method.must_renew for method in _trusted(person)):
        return Stage.RENEWAL
    if any(method.suspect_at for method in _trusted(person)):
        return Stage.SUSPECT
    left = days_left(person, daytime, now)
    if left > 0:
        return Stage.AHEAD
    return Stage.OVERDUE if left < 0 else Stage.TODAY


def days_left(person: Person, daytime: Daytime, now: datetime) -> int:
    """Return the days on the person's calendar until the registration falls due. Negative once it is overdue."""
    due = due_at(person, daytime.policy)
    return (daytime.day(due) - daytime.day(now)).days if due else 0


def index_hour(at: datetime) -> str:
    """Return the hour as the Due index has it, `YYYYMMDDHH` in UTC."""
    return f"{at.astimezone(UTC):%Y%m%d%H}"


def _days(person: Person, daytime: Daytime) -> list[date]:
    """Return the days of all reminders, on the person's calendar. None comes before the end of a snooze."""
    days, until = set(_ordinary_days(person, daytime)), put_off_until(person)
    if until is not None and days:
        days = {daytime.day(until), *(day for day in days if day > daytime.day(until))}
    return sorted(days)


def _ordinary_days(person: Person, daytime: Daytime) -> Iterator[date]:
    policy = daytime.policy
    weeks = [timedelta(days=policy.remind_again_days * count) for count in range(policy.reminders_overdue + 1)]
    if (due := due_at(person, policy)) is not None:
        day = daytime.day(due)
        yield from (day - timedelta(days=days) for days in days_before(policy))
        yield from (day + week for week in weeks)
    renewals = [method.renewal for method in _trusted(person) if method.renewal is not None]
    if renewals:  # the person was told at once: not again on that day
        soonest = min(renewals, key=lambda renewal: renewal.closes_at)
        day = daytime.day(soonest.closes_at)
        yield from (day + week for week in (weeks if soonest.days else weeks[1:]))
        if 0 < 2 * policy.remind_second_days <= soonest.days:
            yield day - timedelta(days=policy.remind_second_days)
    suspect = [method.suspect_at for method in _trusted(person) if method.suspect_at is not None]
    if suspect:
        yield from (daytime.day(min(suspect)) + week for week in weeks)


def _trusted(person: Person) -> tuple[RegisteredMethod, ...]:
    """Return what its owner can do something about. What is compromised waits for an administrator (rule 20)."""
    return tuple(method for method in person.confirmed if not method.is_compromised)


def _full_hour(at: datetime) -> datetime:
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole if whole == at else whole + HOUR
