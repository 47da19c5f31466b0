"""People: the store of one row per account, with conditional writes only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.domain.account import AccountKey
from shared.domain.person import Person


@dataclass(frozen=True, slots=True)
class Stored:
    """A row as read. `revision` is None for one that does not exist: absence is a value, not an error (rule 16)."""

    person: Person
    revision: str | None


class People(Protocol):
    """One row per account. Every write is an insert or bound to the revision that was read (D6)."""

    async def read(self, account: AccountKey) -> Stored:
        """The row, or a Person without anything for an account that has none. Raises StoreLost."""
        ...

    async def beginning_with(self, beginning: str) -> Sequence[Stored]:
        """The rows whose account key begins so; at least `operation_id.PREFIX` characters, so one at most, in truth.

        For what finds its way back to us without a whole key. Raises StoreLost.
        """
        ...

    async def write(self, person: Person, revision: str | None) -> Stored:
        """Insert (`revision` None) or replace what was read; returns the row as it now stands.

        Raises Conflict or StoreLost; never retries by itself.
        """
        ...
