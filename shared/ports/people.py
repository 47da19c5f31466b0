"""People: the store of one row per account, with conditional writes only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.domain.account import AccountKey
from shared.domain.person import Person


@dataclass(frozen=True, slots=True)
class Stored:
    """A row as read. `revision` is None if the row does not exist: a missing row is a value, not an error (rule 16)."""

    person: Person
    revision: str | None


class People(Protocol):
    """One row per account. Every write is an insert or conditional on the revision that was read (D6)."""

    async def read(self, account: AccountKey) -> Stored:
        """Return the row, or an empty Person if the account has none. Raises StoreLost."""
        ...

    async def beginning_with(self, beginning: str) -> Sequence[Stored]:
        """Return the rows whose account key starts with `beginning`; in practice at most one.

        `beginning` has at least `operation_id.PREFIX` characters. For delivery reports, which carry only part of the
        key. Raises StoreLost.
        """
        ...

    async def following(self, account: str, most: int) -> Sequence[Stored]:
        """Return the rows of the next accounts in the order of their keys, at most so many. Raises StoreLost."""
        ...

    async def write(self, person: Person, revision: str | None) -> Stored:
        """Insert (`revision` None) or replace the row that was read, and return it with its new revision.

        No list is written over its bound (`Person.within_places`), so that a row can always be written (rule 1).
        Raises Conflict or StoreLost. Never retries.
        """
        ...

    async def delete(self, account: AccountKey, revision: str) -> None:
        """Delete the row that was read. Raises Conflict or StoreLost."""
        ...
