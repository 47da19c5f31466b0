"""CoverageStore in memory."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date

from shared.adapters.azure_tables.coverage import SHARDS
from shared.domain.account import AccountKey
from shared.domain.coverage import Standing, changed, contribution, folded, is_ready
from shared.ports.coverage import Counted, Recount
from shared.ports.store import Conflict


class MemoryCoverage:
    shards = SHARDS

    def __init__(self) -> None:
        self.rows: dict[AccountKey, tuple[Standing, int]] = {}
        self.kept: dict[tuple[str, str], dict[str, int]] = {}
        """The sums by shard and group."""
        self.recount: Recount | None = None
        self.meanwhile: Callable[[], None] | None = None
        self.writes = 0

    async def read(self, account: AccountKey) -> Counted:
        await asyncio.sleep(0)
        found = self.rows.get(account)
        return Counted(found[0], str(found[1])) if found else Counted(None, None)

    async def settle(self, account: AccountKey, before: Counted, after: Standing | None, today: date) -> None:
        await asyncio.sleep(0)
        current = self.rows.get(account)
        if (str(current[1]) if current else None) != before.revision:
            raise Conflict
        for group in {"", *(before.standing.groups if before.standing else ()), *(after.groups if after else ())}:
            key = account[0], group
            was, is_now = (one if one and group in {"", *one.groups} else None for one in (before.standing, after))
            self.kept[key] = changed(self.kept.get(key, {}), was, is_now, today)
        self.writes += 1
        self.rows.pop(account, None)
        if after is not None:
            self.rows[account] = after, self.writes

    async def sums(self, today: date) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, Counter[str]] = {"": Counter()}
        for (_, group), sums in self.kept.items():
            found.setdefault(group, Counter()).update(sums)
        return {group: folded(sums, today) for group, sums in found.items()}

    async def following(
        self, shard: str, after: str, most: int, *, not_ready: bool = False
    ) -> list[tuple[AccountKey, Counted]]:
        found = sorted((key, row) for key, row in self.rows.items() if key[0] == shard and key > after)
        wanted = [(key, Counted(one, str(at))) for key, (one, at) in found if not (not_ready and is_ready(one))]
        return wanted[:most]

    async def add_up(self, shard: str, today: date) -> bool:
        found: dict[str, Counter[str]] = {"": Counter()}
        for key, (standing, _) in self.rows.items():
            for group in ("", *standing.groups) if key[0] == shard else ():
                found.setdefault(group, Counter()).update(contribution(standing))
        before = {group: folded(sums, today) for (of, group), sums in self.kept.items() if of == shard}
        right = {group: folded(found.get(group, {}), today) for group in {*before, *found}}
        self.kept |= {(shard, group): sums for group, sums in right.items()}
        return any(before.get(group, {}) != sums for group, sums in right.items())

    async def last_recount(self) -> Recount | None:
        return self.recount

    async def note_recount(self, recount: Recount) -> None:
        self.recount = recount
