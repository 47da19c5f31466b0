"""CoverageStore: what is counted of each person, and the sums, always in step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from shared.domain.account import AccountKey
from shared.domain.coverage import Standing


@dataclass(frozen=True, slots=True)
class Counted:
    """A person as counted. `revision` is None for somebody who is not."""

    standing: Standing | None
    revision: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """The last count of everybody: when it began, and the policy that it was made with."""

    at: datetime
    policy: str


class CoverageStore(Protocol):
    """Sums are kept in shards by the first character of an account's key, so that no row is written by everybody."""

    @property
    def shards(self) -> Sequence[str]:
        """The first characters of keys, in order."""
        ...

    async def read(self, account: AccountKey) -> Counted:
        """Return the person as counted. Raises StoreLost."""
        ...

    async def settle(self, account: AccountKey, before: Counted, after: Standing | None, today: date) -> None:
        """Count the person so instead, in one step with the sums of everybody and of their groups.

        Raises Conflict if the person or a sum has changed meanwhile, and StoreLost, after which both have or neither.
        """
        ...

    async def sums(self, today: date) -> Mapping[str, Mapping[str, int]]:
        """Return the sums by group; "" has those of everybody. Raises StoreLost."""
        ...

    async def following(
        self, shard: str, after: str, most: int, *, not_ready: bool = False
    ) -> Sequence[tuple[AccountKey, Counted]]:
        """Return the next people of a shard in the order of their keys; only who is not ready. Raises StoreLost."""
        ...

    async def add_up(self, shard: str, today: date) -> bool:
        """Make the sums of a shard anew from its people. Return whether any was wrong. Raises Conflict, StoreLost."""
        ...

    async def last_recount(self) -> Recount | None:
        """Return the last one that was completed. Raises StoreLost."""
        ...

    async def note_recount(self, recount: Recount) -> None:
        """Note that one is complete. Raises StoreLost."""
        ...
