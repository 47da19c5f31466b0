"""Show staff how many people can reset a password by themselves, and who is not ready (M17)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.domain.account import ObjectId
from shared.domain.coverage import Standing, fingerprint
from shared.domain.policy import Policy
from shared.domain.roles import Right
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.coverage import CoverageStore
from shared.ports.directory import Directory, DirectoryLost
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._staff import Actor, Staff

AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The sums of everybody, or of a group. All but `people` count enabled accounts only."""

    group: str
    people: int
    enabled: int
    registered: int
    capable: int
    waiting: int
    """Who has something to confirm, and lacks what a registration asks for."""
    methods: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The coverage of now. `is_current`: whether everybody was counted with the policy of now."""

    everybody: Share
    groups: tuple[Share, ...]
    recounted_at: datetime | None
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReady:
    """Somebody who should be asked to register."""

    identifier: str
    """Empty while the directory does not answer."""
    methods: tuple[str, ...]
    waiting: tuple[str, ...]
    lacks: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotReadyPage:
    """A page of them, and what leads to the next one; None on the last."""

    people: tuple[NotReady, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPlace:
    """How far a list has come. Sealed: no account key leaves the service (rule 7)."""

    shard: str
    after: str


@dataclass(frozen=True, slots=True)
class ViewCoverage:
    """Reads sums and no people: one range in each of 32 partitions, however many people there are."""

    staff: Staff
    coverage: CoverageStore
    directory: Directory
    tokens: Tokens
    clock: Clock
    policy: Policy

    async def __call__(self, token: str, trail: Trail) -> Coverage:
        """Return it. Raises SignInRequired, NotAllowed and TryAgain."""
        await self._admitted(token, trail)
        sums, last = await asyncio.gather(self.coverage.sums(self.clock.now().date()), self.coverage.last_recount())
        groups = (_share(group, sums[group]) for group in sorted(sums) if group and sums[group])
        return Coverage(
            everybody=_share("", sums[""]),
            groups=tuple(groups),
            recounted_at=last.at if last else None,
            is_current=last is not None and last.policy == fingerprint(self.policy),
        )

    async def not_ready(self, token: str, after: str | None, most: int, trail: Trail) -> NotReadyPage:
        """Return a page of those who are enabled and lack something. The first page leaves an event.

        Raises SignInRequired, NotAllowed, TryAgain, and Refused for a place that is not ours.
        """
        actor = await self._admitted(token, trail)
        shards = list(self.coverage.shards)
        place = ListPlace(shard=shards[0], after="")
        if after is not None:
            place = self.tokens.open(TokenPurpose.COVERAGE_PLACE, after, ListPlace)
        else:
            self.staff.record(trail, Tag.COVERAGE_LISTED, actor)
        found: list[Standing] = []
        for shard in shards[shards.index(place.shard) :]:
            begin = place.after if shard == place.shard else ""
            some = await self.coverage.following(shard, begin, most - len(found), not_ready=True)
            found += [one.standing for _, one in some if one.standing is not None]
            if len(found) == most:
                further = ListPlace(shard=shard, after=some[-1][0])
                return await self._page(found, self.tokens.seal(TokenPurpose.COVERAGE_PLACE, further))
        return await self._page(found, None)

    async def _page(self, found: list[Standing], further: str | None) -> NotReadyPage:
        places = asyncio.Semaphore(AT_ONCE)

        async def named(one: Standing) -> NotReady:
            async with places:
                name = await self._name(one)
            return NotReady(
                identifier=name, methods=one.methods, waiting=one.waiting, lacks=one.lacks, groups=one.groups
            )

        return NotReadyPage(tuple(await asyncio.gather(*map(named, found))), further)

    async def _name(self, one: Standing) -> str:
        try:
            entry = await self.directory.find(ObjectId(one.object_id))
        except DirectoryLost:
            return ""
        return entry.names[0] if entry else ""

    async def _admitted(self, token: str, trail: Trail) -> Actor:
        return await self.staff.admit(token, Right.READ_COVERAGE, trail, everybody=True)


def _share(group: str, sums: Mapping[str, int]) -> Share:
    methods = {name.removeprefix("method:"): count for name, count in sums.items() if name.startswith("method:")}
    named = {name: sums.get(name, 0) for name in ("people", "enabled", "registered", "capable", "waiting")}
    return Share(group=group, methods=methods, **named)
