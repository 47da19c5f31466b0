"""Count everybody again, in portions: after a change of the policy or the directory, after a restore, or to be sure.

A portion is a range of account keys in one shard. It reads three lists of the same range: who was counted, whose row
there is, and in the embedded directory whose account. So it finds who is missing, who has changed and who is gone. At
the end of a shard its sums are made anew. The service may run meanwhile: who changes is counted in the usual way too.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeVar

from shared.domain.account import AccountKey, DirectoryEntry
from shared.domain.coverage import as_of, fingerprint
from shared.domain.person import Person
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.ports.coverage import Counted, Recount
from shared.ports.store import Conflict, StoreLost
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._counting import AT_ONCE, LATER_SECONDS, TRIES, Counting
from shared.usecases._staff import Staff

T = TypeVar("T")

PAGE: Final = 200
"""People of one portion, far within the host's time limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecountPlace:
    """How far a recount has come. Sealed: no account key leaves the service (rule 7)."""

    shard: str
    after: str
    began_at: datetime
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """What one request did. `share`: how much of the whole is done, from 0 to 1."""

    people: int
    corrected: int
    """How many of them were counted otherwise."""
    sums_corrected: bool
    share: float
    next: str | None


@dataclass(frozen=True, slots=True)
class _Range:
    """What is known of a range of accounts. `upto`: the last of them; "" for the end of the shard."""

    counted: Mapping[AccountKey, Counted]
    rows: Mapping[AccountKey, Person]
    entries: Mapping[AccountKey, DirectoryEntry]
    upto: str

    @property
    def accounts(self) -> list[AccountKey]:
        found = {*self.counted, *self.rows, *self.entries}
        return sorted(account for account in found if not self.upto or account <= self.upto)


@dataclass(frozen=True, slots=True)
class RecountCoverage:
    """Two reads for a portion and one question to the directory for each person, and two writes for what is wrong."""

    staff: Staff
    counting: Counting
    tokens: Tokens
    page: int = field(default=PAGE, init=False)

    async def __call__(self, token: str, after: str | None, trail: Trail) -> Portion:
        """Count the next portion. Raises SignInRequired, NotAllowed, TryAgain, and Refused for a place not of ours."""
        actor = await self.staff.admit(token, Right.RECOUNT, trail, everybody=True)
        counting, shards = self.counting, list(self.counting.coverage.shards)
        now, policy = counting.clock.now(), fingerprint(counting.policy)
        place = RecountPlace(shard=shards[0], after="", began_at=now, policy=policy)
        if after is not None:
            place = self.tokens.open(TokenPurpose.COVERAGE_PLACE, after, RecountPlace)
        else:
            self.staff.record(trail, Tag.COVERAGE_RECOUNTED, actor)
        there = await self._range(place)
        corrected = await self._count(there)
        number, is_end = shards.index(place.shard), not there.upto
        repaired = is_end and await self._add_up(place.shard)
        following: RecountPlace | None = replace(place, after=there.upto)
        if is_end:
            following = replace(place, shard=shards[number + 1], after="") if number + 1 < len(shards) else None
        if following is None and place.policy == policy:
            await counting.coverage.note_recount(Recount(at=place.began_at, policy=policy))
        return Portion(
            people=len(there.accounts),
            corrected=corrected,
            sums_corrected=repaired,
            share=(number + is_end) / len(shards),
            next=self.tokens.seal(TokenPurpose.COVERAGE_PLACE, following) if following else None,
        )

    async def _range(self, place: RecountPlace) -> _Range:
        counting, begin = self.counting, place.after or place.shard
        # Who was counted is read first: what is found then is at least as new.
        counted = await counting.coverage.following(place.shard, place.after, self.page)
        stored = await counting.people.following(begin, self.page)
        rows = [(one.person.account, one.person) for one in stored]
        here = counting.accounts_here
        entries = await here.following(begin, self.page) if here is not None else []
        mine, theirs = self._within(place.shard, rows), self._within(place.shard, entries)
        ends = [counted[-1][0]] if len(counted) == self.page else []
        ends += [found[-1][0] for found in (mine, theirs) if len(found) == self.page]
        return _Range(dict(counted), dict(mine), dict(theirs), min(ends, default=""))

    def _within(self, shard: str, found: Sequence[tuple[AccountKey, T]]) -> list[tuple[AccountKey, T]]:
        return [one for one in found if one[0].startswith(shard)]

    async def _count(self, there: _Range) -> int:
        """Count them, and return how many were counted otherwise."""
        counting, places = self.counting, asyncio.Semaphore(AT_ONCE)
        today = counting.clock.now().date()

        async def count(account: AccountKey) -> bool:
            async with places:
                before = there.counted.get(account, Counted(None, None))
                person = there.rows.get(account, Person(account=account))
                after = await counting.standing(account, person, before.standing, entry=there.entries.get(account))
                if as_of(after, today) == as_of(before.standing, today):
                    return False
                try:
                    await counting.coverage.settle(account, before, after, today)
                except Conflict:
                    return await counting.count(account)
                return True

        return sum(await asyncio.gather(*map(count, there.accounts)))

    async def _add_up(self, shard: str) -> bool:
        """Make the sums of the shard anew, and return whether one was wrong. Raises StoreLost."""
        counting, was_wrong = self.counting, False
        for turn in range(TRIES):
            try:
                if not await counting.coverage.add_up(shard, counting.clock.now().date()):
                    return was_wrong
                was_wrong = True
            except Conflict:
                await asyncio.sleep(LATER_SECONDS * turn * counting.randomness.fraction())
        raise StoreLost
