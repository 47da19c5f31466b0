"""AuditLog: stores audit events."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Protocol

from shared.domain.trail import AuditEvent

MOST_EVENTS: Final = 999
"""Of one record. Far fewer fit into a message (shared/validation/records.py)."""

COUNTED_DOWN: Final = 10**20 - 1
"""More than every time as digits."""


class By(StrEnum):
    """What events are found by. Each is one range of keys in a partition; the letter is how the keys begin."""

    ACCOUNT = "a"
    ACTOR = "b"
    TIME = "d"
    """All of them."""
    REFERENCE = "r"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it is stored. `place` is its own, and sorts before those of earlier events."""

    event: AuditEvent
    place: str


class AuditLog(Protocol):
    """An append-only store, kept for a year (R-105). Reads are ranges of keys: their cost is what they return."""

    async def record(self, events: Sequence[AuditEvent], *, record_id: str) -> None:
        """Write the events of one step once, even if the same `record_id` is passed several times. Raises StoreLost."""
        ...

    def find(
        self, by: By, value: str, since: datetime, until: datetime, *, most: int, after: str = ""
    ) -> AsyncIterator[Recorded]:
        """Yield the newest events with this account, actor or reference (TIME: ""), newest first.

        At most `most` of them, from `since` to before `until` (UTC), and only what comes after the place `after`. Of
        one step, what came later comes first. Raises StoreLost.
        """
        ...


def place_of(at: datetime, record_id: str, number: int) -> str:
    """Return the place of the event with this number (from 0) of a record."""
    return f"{counted_down(at)}-{record_id}-{MOST_EVENTS - number:03}"


def counted_down(at: datetime, more: int = 0) -> str:
    """Return the time such that a later one sorts first."""
    return f"{COUNTED_DOWN - int(f'{at.astimezone(UTC):%Y%m%d%H%M%S%f}') + more:020}"


def time_of(place: str) -> datetime:
    """Return the time of the event at this place."""
    digits = f"{COUNTED_DOWN - int(place[:20]):020}"
    return datetime.strptime(digits, "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
