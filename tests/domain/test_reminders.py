"""When reminders come: their days, their hours in every zone and season, their words and their end (M13)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.domain.gates import due_at
from shared.domain.person import Person, Reminder
from shared.domain.policy import Policy
from shared.domain.reminders import Daytime, Stage, next_reminder, stage_of
from tests.builders import EMAIL, PHONE, a_person, a_policy

POLICY = a_policy()
HOUR = timedelta(hours=1)
EVERY_STAGE = [-14, -3, 0, 7, 14, 21, 28, 35, 42]
ZONES = ["UTC", "Europe/Paris", "Pacific/Auckland", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kolkata",
         "Pacific/Chatham", "America/Los_Angeles", "Africa/Casablanca"]  # fmt: skip


def due_on(due: datetime, policy: Policy = POLICY, **methods: str) -> Person:
    """Return somebody whose registration falls due then."""
    person = a_person(**(methods or {"email": EMAIL}))
    at = due - timedelta(days=policy.reconfirm_days)
    return replace(person, methods=tuple(replace(method, confirmed_at=at) for method in person.methods))


def sent(
    person: Person,
    zone: str,
    policy: Policy = POLICY,
    *,
    start: datetime | None = None,
    until: timedelta = timedelta(days=120),
    down: Sequence[tuple[datetime, timedelta]] = (),
) -> list[tuple[datetime, Stage]]:
    """Run the timer every hour, by default from 30 days before the day, and return what it sends, in local time."""
    found: list[tuple[datetime, Stage]] = []
    daytime, due = Daytime(ZoneInfo(zone), policy), due_at(person, policy) or datetime(2026, 3, 2, tzinfo=UTC)
    now = start or due.replace(minute=0) - timedelta(days=30)
    end = now + until
    while now < end:
        when = next_reminder(person, daytime, now)
        if when is not None and when <= now and not any(at <= now < at + length for at, length in down):
            found.append((now.astimezone(daytime.zone), stage_of(person, daytime, now)))
            person = replace(person, reminder=Reminder(day="", at=now, sent=True))
        now += HOUR
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "due",
    [
        datetime(2026, 3, 29, 1, tzinfo=UTC),  # the hour in which Europe's summer begins; Auckland's ends on 5 April
        datetime(2026, 10, 25, 12, 30, tzinfo=UTC),  # Europe's ends; Auckland's began on 27 September
        datetime(2026, 9, 26, 23, 59, tzinfo=UTC),
        datetime(2026, 3, 8, 10, tzinfo=UTC),  # America's begins
        datetime(2028, 2, 29, tzinfo=UTC),
    ],
    ids="{:%d %b %Y}".format,
)
def test_reminders_come_on_their_days_in_the_morning_of_the_person_and_end(zone: str, due: datetime) -> None:
    """14 and 3 days before, on the day and six times weekly, by the calendar and the clock of the person's zone."""
    found = sent(due_on(due), zone)
    day = due.astimezone(ZoneInfo(zone)).date()
    assert [(at.date() - day).days for at, _ in found] == EVERY_STAGE
    assert {at.hour for at, _ in found} == {8}
    assert [stage for _, stage in found] == [Stage.AHEAD, Stage.AHEAD, Stage.TODAY, *[Stage.OVERDUE] * 6]


@pytest.mark.parametrize(
    ("knobs", "days"),
    [
        pytest.param({"reminders_overdue": 0}, [-14, -3, 0], id="none afterwards"),
        pytest.param({"reminders_overdue": 2, "remind_again_days": 10}, [-14, -3, 0, 10, 20], id="fewer afterwards"),
        pytest.param({"remind_first_days": 0, "reminders_overdue": 1}, [-3, 0, 7], id="two before"),
        pytest.param({"remind_first_days": 0, "remind_second_days": 0, "reminders_overdue": 0}, [0], id="one"),
        pytest.param({"reconfirm_days": 27, "reminders_overdue": 0}, [-3, 0], id="a short period"),
        pytest.param({"reconfirm_days": 1, "reminders_overdue": 0}, [0], id="one day"),
        pytest.param({"remind_first_days": 4, "reminders_overdue": 0}, [-4, 0], id="too near to each other"),
        pytest.param({"reconfirm_days": 0}, [], id="never"),
    ],
)
def test_the_policy_decides_how_many_reminders_there_are(knobs: dict[str, int], days: list[int]) -> None:
    """No two are less than two days apart, and none is in the first half of the period."""
    policy, due = a_policy(**knobs), datetime(2026, 6, 10, 15, tzinfo=UTC)
    found = sent(due_on(due, policy), "Europe/Paris", policy)
    assert [(at.date() - due.date()).days for at, _ in found] == days


@pytest.mark.parametrize(("first", "last"), [(8, 20), (0, 24), (12, 13), (11, 24)])
@pytest.mark.parametrize("hours", range(24))
def test_after_an_outage_one_reminder_comes_in_the_daytime(hours: int, first: int, last: int) -> None:
    """The timer did not run for two weeks: what was missed is not made up for, and the rest keeps its days."""
    policy = a_policy(remind_from_hour=first, remind_until_hour=last, reminders_overdue=2)
    due = datetime(2026, 6, 10, 15, tzinfo=UTC)
    down = [(due - timedelta(days=15), timedelta(days=14, hours=hours))]
    found = sent(due_on(due, policy), "Europe/Paris", policy, down=down)
    assert all(first <= at.hour < last for at, _ in found)
    days = [(at.date() - due.date()).days for at, _ in found]
    assert days[0] in {-1, 0, 1}
    assert days[1:] == [7, 14]


def test_who_was_never_reminded_is_reminded_once_and_then_weekly() -> None:
    """For example after an import: overdue for 20 days, so that the next week's day is tomorrow, and too near."""
    due = datetime(2026, 6, 10, 6, tzinfo=UTC)
    found = sent(due_on(due), "UTC", down=[(due - timedelta(days=30), timedelta(days=50))])
    assert [(at.date() - due.date()).days for at, _ in found] == [20, 28, 35, 42]


@pytest.mark.parametrize("reconfirm_days", [0, 180])
def test_a_suspect_method_is_asked_about_sooner(reconfirm_days: int) -> None:
    """In the next daytime after the report, and weekly to the same bound; whatever its age, and without an age too."""
    policy = a_policy(reconfirm_days=reconfirm_days)
    person = a_person(email=EMAIL, mobile_phone=PHONE)
    at = datetime(2026, 2, 10, 22, 40, tzinfo=UTC)
    suspect = replace(person.methods[0], suspect_at=at, confirmed_at=datetime(2026, 2, 1, tzinfo=UTC))
    other = replace(person.methods[1], confirmed_at=datetime(2026, 2, 1, tzinfo=UTC))
    person, zone = replace(person, methods=(suspect, other)), "Pacific/Auckland"
    found = sent(person, zone, policy, start=at + timedelta(minutes=20), until=timedelta(250))
    assert {stage for _, stage in found} == {Stage.SUSPECT}
    days = [(when.date() - at.astimezone(ZoneInfo(zone)).date()).days for when, _ in found]
    assert days[:7] == [0, 7, 14, 21, 28, 35, 42]
    assert len(found) == (7 if not reconfirm_days else 16)
