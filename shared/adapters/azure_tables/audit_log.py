"""AuditLog: one table for each month, kept for a year (R-105).

Each event has two rows in the partition of its account, so that one call writes both, and each of these is one range of
row keys:

    a-<account>-<time, counted down>-...    the events of a person, newest first
    d-<time>-...                            the events of a day, in each partition, oldest first
"""

import hashlib
import heapq
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from shared.adapters.azure_tables._periods import PeriodTables
from shared.adapters.azure_tables._table import LARGEST_PAGE
from shared.domain.periods import month_of
from shared.domain.trail import AuditEvent, Tag
from shared.ports.store import Conflict

SHARDS: Final = 16
"""Number of partitions, since one of them takes 2,000 rows a second (Microsoft Learn, "Scalability and performance
targets for Table storage").
"""

COUNTED_DOWN: Final = 10**20 - 1
"""More than every time as digits."""

MOST_EVENTS: Final = 99
"""Of one record. Far fewer fit into a message (shared/validation/records.py)."""

FIELDS: Final = tuple(field.name for field in fields(AuditEvent))


@dataclass(frozen=True, slots=True)
class TableAuditLog:
    tables: PeriodTables

    async def record(self, events: Sequence[AuditEvent], *, record_id: str) -> None:
        together: dict[tuple[str, str], list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
        for number, event in enumerate(events):
            together[month_of(event.at), _partition(event.account)] += _rows(event, record_id, number)
        for (month, partition), rows in together.items():
            try:
                await self.tables.of(month).insert_together(partition, rows)
            except Conflict:
                continue  # recorded by an earlier delivery: all of these rows, because they are written together

    async def of_person(
        self, account: str, since: datetime, until: datetime, *, most: int
    ) -> AsyncIterator[AuditEvent]:
        # Counted down, `until` comes before `since`. One more, because it is not included and `since` is.
        bounds = {"first": f"a-{account}-{_down(until, 1)}", "last": f"a-{account}-{_down(since, 1)}"}
        for month in reversed(_months(since, until)):
            async for event in self._range(month, _partition(account), bounds, page=most):
                yield event
                most -= 1
                if not most:
                    return

    async def of_day(self, day: date) -> AsyncIterator[AuditEvent]:
        begins = datetime.combine(day, time(), UTC)
        bounds = {"first": f"d-{_text(begins)}", "last": f"d-{_text(begins + timedelta(days=1))}"}
        shards = [
            [event async for event in self._range(month_of(begins), f"{shard:x}", bounds)] for shard in range(SHARDS)
        ]
        for event in heapq.merge(*shards, key=lambda event: event.at):
            yield event

    async def _range(
        self, month: str, partition: str, bounds: Mapping[str, str], *, page: int = LARGEST_PAGE
    ) -> AsyncIterator[AuditEvent]:
        condition = "PartitionKey eq @partition and RowKey ge @first and RowKey lt @last"
        given = {"partition": partition, **bounds}
        async for row in self.tables.of(month).query(condition, given, page=min(page, LARGEST_PAGE)):
            yield event_of(row.values)


def event_of(values: Mapping[str, Any]) -> AuditEvent:
    """Return the event of a row. Raises KeyError or ValueError if the service cannot have written it."""
    seen = {"reference": "", "network": "", "device": "", **values}  # an earlier build wrote none
    return AuditEvent(**{**{name: seen[name] for name in FIELDS}, "tag": Tag(values["tag"])})


def _rows(event: AuditEvent, record_id: str, number: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    values = {**asdict(event), "tag": event.tag.value}
    yield f"d-{_text(event.at)}-{record_id}-{number:02}", values
    if event.account:
        yield f"a-{event.account}-{_down(event.at)}-{record_id}-{MOST_EVENTS - number:02}", values


def _partition(account: str) -> str:
    return f"{hashlib.sha256(account.encode()).digest()[0] % SHARDS:x}"


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%d%H%M%S%f}"


def _down(at: datetime, more: int = 0) -> str:
    """Return the time such that a later one sorts first."""
    return f"{COUNTED_DOWN - int(_text(at)) + more:020}"


def _months(since: datetime, until: datetime) -> list[str]:
    """Return the labels of the months that contain `since`, `until` or a moment between them."""
    days = range((until - since).days + 1)
    return list(dict.fromkeys(month_of(moment) for moment in (*(since + timedelta(days=day) for day in days), until)))
