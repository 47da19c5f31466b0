"""AuditLog: one table for each month, kept for a year (R-105).

Each event has up to four rows in the partition of its account, so that one call writes all of them. Each kind is one
range of row keys in a partition, newest first, because the time in the key is counted down:

    a-<account>-<place>      the events about a person: one partition
    b-<actor>-<place>        what an administrator did: each partition
    r-<reference>-<place>    what a support reference leads to: each partition
    d-<place>                all of them: each partition
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from shared.adapters.azure_tables._periods import PeriodTables
from shared.adapters.azure_tables._table import LARGEST_PAGE
from shared.domain.periods import month_of
from shared.domain.trail import AuditEvent, Tag
from shared.ports.audit_log import By, Recorded, counted_down, place_of, time_of
from shared.ports.store import Conflict

SHARDS: Final = 16
"""Number of partitions, since one of them takes 2,000 rows a second (Microsoft Learn, "Scalability and performance
targets for Table storage").
"""

TOGETHER: Final = 25
"""Events of one call, with up to four rows each: a call takes 100 (Microsoft Learn, "Performing entity group
transactions").
"""

FIELDS: Final = tuple(field.name for field in fields(AuditEvent))

NEXT: Final = "~"
"""Sorts after every character of a key."""

Row = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class TableAuditLog:
    tables: PeriodTables

    async def record(self, events: Sequence[AuditEvent], *, record_id: str) -> None:
        together: dict[tuple[str, str], list[list[Row]]] = defaultdict(list)
        for number, event in enumerate(events):
            rows = list(_rows(event, place_of(event.at, record_id, number)))
            together[month_of(event.at), partition_of(event.account)].append(rows)
        for (month, partition), of_events in together.items():
            for begin in range(0, len(of_events), TOGETHER):
                some = [row for rows in of_events[begin : begin + TOGETHER] for row in rows]
                try:
                    await self.tables.of(month).insert_together(partition, some)
                except Conflict:
                    continue  # recorded by an earlier delivery: all of these rows, because they are written together

    async def find(
        self, by: By, value: str, since: datetime, until: datetime, *, most: int, after: str = ""
    ) -> AsyncIterator[Recorded]:
        prefix = f"{by}-{value}-" if value else f"{by}-"
        # Counted down, `until` comes before `since`. One more, because it is not included and `since` is.
        first = f"{after}{NEXT}" if after else counted_down(until, 1)
        bounds = {"first": prefix + first, "last": prefix + counted_down(since, 1)}
        partitions = [partition_of(value)] if by is By.ACCOUNT else [f"{shard:x}" for shard in range(SHARDS)]
        page = min(LARGEST_PAGE, max(most if len(partitions) == 1 else most // 4, 25))
        for month in reversed(_months(since, min(until, time_of(after)) if after else until)):
            ranges = [self._range(month, partition, bounds, len(prefix), page) for partition in partitions]
            async for found in _merged(ranges):
                yield found
                most -= 1
                if not most:
                    return

    async def _range(
        self, month: str, partition: str, bounds: Mapping[str, str], prefix: int, page: int
    ) -> AsyncIterator[Recorded]:
        condition = "PartitionKey eq @partition and RowKey ge @first and RowKey lt @last"
        given = {"partition": partition, **bounds}
        async for row in self.tables.of(month).query(condition, given, page=page):
            yield Recorded(event_of(row.values), row.values["RowKey"][prefix:])


async def _merged(ranges: Sequence[AsyncIterator[Recorded]]) -> AsyncIterator[Recorded]:
    """Yield what the ranges yield in the order of the places. Their first pages are read at the same time."""
    heads = dict(enumerate(await asyncio.gather(*(anext(one, None) for one in ranges))))
    while left := {number: head for number, head in heads.items() if head is not None}:
        number = min(left, key=lambda number: left[number].place)
        yield left[number]
        heads[number] = await anext(ranges[number], None)


def event_of(values: Mapping[str, Any]) -> AuditEvent:
    """Return the event of a row. Raises KeyError or ValueError if the service cannot have written it."""
    seen = {"reason": "", "reference": "", "network": "", "device": "", **values}  # an earlier build wrote none
    return AuditEvent(**{**{name: seen[name] for name in FIELDS}, "tag": Tag(values["tag"])})


def _rows(event: AuditEvent, place: str) -> Iterator[Row]:
    values = {**asdict(event), "tag": event.tag.value}
    yield f"{By.TIME}-{place}", values
    for by, value in ((By.ACCOUNT, event.account), (By.ACTOR, event.actor), (By.REFERENCE, event.reference)):
        if value:
            yield f"{by}-{value}-{place}", values


def partition_of(account: str) -> str:
    """Return the partition of the events about an account."""
    return f"{hashlib.sha256(account.encode()).digest()[0] % SHARDS:x}"


def _months(since: datetime, until: datetime) -> list[str]:
    """Return the labels of the months that contain `since`, `until` or a moment between them."""
    days = range((until - since).days + 1)
    return list(dict.fromkeys(month_of(moment) for moment in (*(since + timedelta(days=day) for day in days), until)))
