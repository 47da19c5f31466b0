"""CoverageStore: one partition for each first character of an account's key.

    p-<account>          what is counted of a person
    s-                   the sums of everybody in the partition
    s-<digest>           the same of those who are in a group

A person and the sums that they are in change in one transaction, so nothing is counted twice or lost, whatever happens
to the process. The sums are JSON in one property: few words, and a number for each later day on which something turns.
"""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from shared.adapters.azure_tables._table import LARGEST_PAGE, Change, Row, Table
from shared.domain.account import AccountKey
from shared.domain.coverage import Standing, changed, contribution, folded, is_ready
from shared.ports.coverage import Counted, Recount
from shared.ports.store import Conflict
from shared.validation.records import decode, encode

SHARDS: Final = tuple("234567abcdefghijklmnopqrstuvwxyz")
"""The characters of base32 in lower case, which keys of accounts have (shared/adapters/keyring.py)."""

EVERYBODY: Final = ""

MOST_TOGETHER: Final = 98
"""Sums that one transaction corrects, beside those of everybody."""

META: Final = ("recount", "last")


@dataclass(frozen=True, slots=True)
class TableCoverage:
    table: Table
    shards = SHARDS

    async def read(self, account: AccountKey) -> Counted:
        return _counted(await self.table.read(account[0], f"p-{account}"))

    async def settle(self, account: AccountKey, before: Counted, after: Standing | None, today: date) -> None:
        shard, groups = account[0], {EVERYBODY}
        for standing in (before.standing, after):
            groups |= set(standing.groups) if standing is not None else set()
        rows = await asyncio.gather(*(self.table.read(shard, sum_row(group)) for group in sorted(groups)))
        values = None if after is None else {"standing": encode(after), "is_ready": is_ready(after)}
        changes: list[Change] = [(f"p-{account}", values, before.revision)]
        for group, row in zip(sorted(groups), rows, strict=True):
            sums = changed(_sums(row), _within(before.standing, group), _within(after, group), today)
            changes.append((sum_row(group), _values(group, sums), row.etag if row else None))
        await self.table.change_together(shard, changes)

    async def sums(self, today: date) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, Counter[str]] = {EVERYBODY: Counter()}
        for rows in await asyncio.gather(*(self._sum_rows(shard) for shard in SHARDS)):
            for row in rows:
                found.setdefault(row.values["of"], Counter()).update(_sums(row))
        return {group: folded(sums, today) for group, sums in found.items()}

    async def following(
        self, shard: str, after: str, most: int, *, not_ready: bool = False
    ) -> list[tuple[AccountKey, Counted]]:
        condition = "PartitionKey eq @shard and RowKey gt @after and RowKey lt @end"
        given = {"shard": shard, "after": f"p-{after}", "end": "p-~"}
        found = []
        async for row in self.table.query(
            f"{condition} and is_ready eq false" if not_ready else condition, given, page=min(most, LARGEST_PAGE)
        ):
            found.append((AccountKey(row.values["RowKey"].removeprefix("p-")), _counted(row)))
            if len(found) == most:
                break
        return found

    async def add_up(self, shard: str, today: date) -> bool:
        # The sums are read first. Whoever changes while the people are read changes a sum too.
        kept = {row.values["of"]: row for row in await self._sum_rows(shard)}
        found: dict[str, Counter[str]] = {EVERYBODY: Counter()}
        condition, bounds = "PartitionKey eq @shard and RowKey ge @first and RowKey lt @last", ("p-", "p-~")
        async for row in self.table.query(condition, {"shard": shard, "first": bounds[0], "last": bounds[1]}):
            standing = _counted(row).standing
            for group in {EVERYBODY, *(standing.groups if standing else ())}:
                found.setdefault(group, Counter()).update(contribution(standing))
        right = {group: folded(found.get(group, {}), today) for group in {*kept, *found}}
        wrong = [group for group, sums in right.items() if folded(_sums(kept.get(group)), today) != sums]
        # The sums of everybody change with each person: with the ETag that they had, nobody has changed.
        changes: list[Change] = [
            (sum_row(group), _values(group, right[group]), kept[group].etag if group in kept else None)
            for group in {EVERYBODY, *wrong[:MOST_TOGETHER]}
        ]
        if wrong:
            await self.table.change_together(shard, changes)
        return bool(wrong)

    async def last_recount(self) -> Recount | None:
        row = await self.table.read(*META)
        return Recount(at=datetime.fromisoformat(row.values["at"]), policy=row.values["policy"]) if row else None

    async def note_recount(self, recount: Recount) -> None:
        values = {"at": recount.at.isoformat(), "policy": recount.policy}
        with suppress(Conflict):  # another one has just been completed
            row = await self.table.read(*META)
            await (self.table.replace(*META, values, row.etag) if row else self.table.insert(*META, values))

    async def _sum_rows(self, shard: str) -> list[Row]:
        condition = "PartitionKey eq @shard and RowKey ge @first and RowKey lt @last"
        return [row async for row in self.table.query(condition, {"shard": shard, "first": "s-", "last": "s-~"})]


def _counted(row: Row | None) -> Counted:
    if row is None:
        return Counted(None, None)
    return Counted(decode(Standing, row.values["standing"], lenient=True), row.etag)


def _within(standing: Standing | None, group: str) -> Standing | None:
    """Return the standing if its person is in the group."""
    return standing if standing is None or group in {EVERYBODY, *standing.groups} else None


def sum_row(group: str) -> str:
    """Return the row key of the sums of a group, or of everybody."""
    return f"s-{hashlib.sha256(group.encode()).hexdigest()[:32] if group else ''}"


def _sums(row: Row | None) -> dict[str, int]:
    return dict(json.loads(row.values["sums"])) if row else {}


def _values(group: str, sums: Mapping[str, int]) -> dict[str, Any]:
    return {"of": group, "sums": json.dumps(sums, separators=(",", ":"))}
