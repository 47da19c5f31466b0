"""Limit the events whose notices have no limit: passwords set and methods changed, exactly, on the row (rule 23)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

from shared.domain.errors import Limited
from shared.domain.person import Person
from shared.domain.policy import Policy

DAY: Final = timedelta(days=1)


class Event(StrEnum):
    """What is counted. The row contains these words."""

    RESET = "reset"
    PASSWORD = "password"  # noqa: S105  a kind of event
    METHOD = "method"


def refuse_more(
    person: Person,
    event: Event,
    policy: Policy,
    now: datetime,
    record: Callable[..., None],
    *,
    proved: bool = True,
) -> None:
    """Record it and raise Limited if the day has no place for the event.

    `record` counts the refusals of one kind and account, because they can be repeated without end (R-100). Call it only
    for a person who has proved who they are. One reset is possible whatever else has happened: somebody
    who knows the password must not use up the day's places by changing it again and again, and so keep the owner from
    the reset that ends this.
    """
    if event is Event.METHOD:
        # Half of the places are for what was proved: a thief with a session must not use up the owner's changes.
        most = policy.method_changes_per_account_day if proved else max(1, policy.method_changes_per_account_day // 2)
        times = _today(person, Event.METHOD, now)
    else:
        most, resets = policy.passwords_per_account_day, _today(person, Event.RESET, now)
        times = tuple(sorted((*resets, *_today(person, Event.PASSWORD, now))))
        if event is Event.RESET and not resets:
            return
    if len(times) >= most:
        record(f"day.{event}", person.account, account=person.account)
        raise Limited(max(1, ceil((times[-most] + DAY - now).total_seconds())))


def counted(person: Person, event: Event, now: datetime) -> Person:
    """Return the row with the event. It is counted at most once for one moment."""
    return _with(person, event, (*_today(person, event, now), now), now)


def uncounted(person: Person, event: Event, at: datetime) -> Person:
    """Return the row without the event of that moment, which did not happen after all."""
    return _with(person, event, tuple(time for time in person.recent.get(event, ()) if time != at), at)


def _today(person: Person, event: Event, now: datetime) -> tuple[datetime, ...]:
    return tuple(sorted(time for time in person.recent.get(event, ()) if now < time + DAY))


def _with(person: Person, event: Event, times: tuple[datetime, ...], now: datetime) -> Person:
    others = {other.value: kept for other in Event if other is not event and (kept := _today(person, other, now))}
    return replace(person, recent={**others, **({event.value: times} if times else {})})
