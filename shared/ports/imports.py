"""Imports: what administrators bring in, until it has expired. Its texts are sealed: contacts are personal data."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

Part = Literal["rows", "plan", "done"]
"""The rows of a portion as they were given; the verdicts before anything was written; the verdicts afterwards."""


class Imports(Protocol):
    """An import and its numbered portions. Every part of a portion is written once, and never changed."""

    async def add(self, import_id: str, text: str, portions: Sequence[str]) -> None:
        """Add an import with the rows of its portions. Without an answer there may be portions, and no import.

        `import_id` begins with the label of its week (shared/domain/periods.py) and a hyphen. Raises StoreLost.
        """
        ...

    async def read(self, import_id: str) -> tuple[str, str] | None:
        """Return the text and the revision. None if there is no such import, or it has expired. Raises StoreLost."""
        ...

    async def change(self, import_id: str, text: str, revision: str) -> str:
        """Replace the text, and return the new revision.

        Raises Conflict if it has changed since it was read, and StoreLost.
        """
        ...

    async def part(self, import_id: str, part: Part, number: int) -> str | None:
        """Return one part of a portion, or None. Raises StoreLost."""
        ...

    async def plan(self, import_id: str, number: int, text: str) -> None:
        """Write what will be done. Raises Conflict if it is there, and StoreLost."""
        ...

    async def settle(self, import_id: str, number: int, text: str, marks: str) -> None:
        """Write the verdicts, and marks that are read without them.

        Raises Conflict if they are there, and StoreLost.
        """
        ...

    async def settled(self, import_id: str) -> Mapping[int, str]:
        """Return the marks of the portions that are settled, by number. Raises StoreLost."""
        ...

    async def parts(self, import_id: str, part: Part) -> Mapping[int, str]:
        """Return that part of every portion, by number. Raises StoreLost."""
        ...
