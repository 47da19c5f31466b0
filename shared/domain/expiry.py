"""Decide when a person is told that the password expires, and when the directory is asked for the day again (M11).

Only a directory knows the day, and it moves with every new password, whoever sets it. So the row keeps the day as it
was told last, the index has one entry for the account, and whoever comes to an entry asks the directory again. After
the last notice the day is looked at once more when it has passed, and then every month, until there is a new password.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.domain.person import Expiry, Person
from shared.domain.policy import Policy
from shared.domain.reminders import Daytime, index_hour

LOOK_AGAIN: Final = timedelta(days=30)
"""At a password that has expired and was not replaced."""
NEVER: Final = timedelta(days=36500)
"""A day that is further away means that there is none. Directories write 9999-12-31, which has no day after it."""


def notice_days(policy: Policy) -> tuple[int, ...]:
    """Return how many days before the day people are told. None of it is 0."""
    return tuple(sorted({policy.expiry_first_days, policy.expiry_second_days} - {0}, reverse=True))


def next_look(expiry: Expiry, daytime: Daytime, now: datetime) -> datetime:
    """Return the next hour for this account, in UTC; the current one for a notice that is due.

    Of several notices that were missed, one is sent. None is sent once the password has expired.
    """
    day, told = daytime.day(expiry.at), expiry.told_at
    opens = [daytime.opens(day - timedelta(days=days)) for days in notice_days(daytime.policy)]
    left = [at for at in opens if told is None or at > told]
    if now < expiry.at and any(at <= now for at in left):
        when = daytime.from_now(now)
        if when < expiry.at:
            return when
    if now < expiry.at and left and left[0] > now:
        return left[0]
    after = daytime.opens(day + timedelta(days=1))
    return after if after > now else daytime.from_now(now + LOOK_AGAIN)


def days_until(at: datetime, daytime: Daytime, now: datetime) -> int:
    """Return the days on the person's calendar until then."""
    return max(0, (daytime.day(at) - daytime.day(now)).days)


def expecting(person: Person, at: datetime | None, daytime: Daytime, now: datetime) -> Person:
    """Return the row with the day that the directory told now, and the account's entry in the index.

    Another day than before begins anew: nobody was told of it. Without a day, or where nobody is to be told, there is
    no entry.
    """
    if at is None or at - now > NEVER or not notice_days(daytime.policy):
        return replace(person, expiry=None)
    if person.expiry is not None and person.expiry.at == at:
        return person
    return scheduled(person, Expiry(at=at), daytime, now)


def scheduled(person: Person, expiry: Expiry, daytime: Daytime, now: datetime) -> Person:
    """Return the row with the next entry of the index. The index is written first."""
    return replace(person, expiry=replace(expiry, entry=index_hour(next_look(expiry, daytime, now))))
