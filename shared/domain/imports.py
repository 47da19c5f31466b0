"""Define an import: what an administrator brings in, on whose word, how far it has come, and what became of each row.

running ──▶ done                       every row has a verdict
   │  ▲
   ▼  │ resumed
cancelled, stopped                     by an administrator; because who began it may not any more
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.domain.account import AccountKey, ObjectId

MOST_ROWS: Final = 5000
LONGEST_BASIS: Final = 80
"""Characters of each text of a permission. It stands on the row of every person of the import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The cells of one row that have something in them, and those that cannot be read."""

    line: int
    """Its number: the line of the file where it begins, or its place in a list, from 1."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """By column, cleaned."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """By column, what is wrong with the cell."""
    given: Mapping[str, str] = field(default_factory=dict)
    """By column, what stands in a cell that cannot be read, for the file of verdicts."""
    code: str = ""
    """Why nothing can be taken from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """That the people agreed: on which basis, and who says so."""

    basis: str
    attested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What an import shall do beside setting contacts and languages."""

    dry_run: bool = False
    replace_confirmed: bool = False
    """Whether a contact also takes the place of one that the person confirmed."""
    create_accounts: bool = False
    activation: bool = False
    """Whether people without a confirmed method get an activation code."""


def index_day(import_id: str) -> str:
    """Return the day under which an import is in the index of those that are not done: that of its week."""
    return import_id.partition("-")[0]


class State(StrEnum):
    """How far an import has come."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import, without its rows."""

    id: str
    actor: AccountKey
    actor_id: ObjectId
    """Whose rights are asked for again as long as it runs (rule 24)."""
    reason: str = ""
    """Why, as they typed it."""
    began_at: datetime
    rows: int
    portions: int
    wishes: Wishes
    permission: Permission | None
    read: Mapping[str, tuple[str, ...]]
    unknown_columns: tuple[str, ...]
    secret: str
    """Random. Activation codes are derived from it, so that none is kept anywhere (rule 27)."""
    state: State = State.RUNNING
    busy_until: datetime | None = None
    """Until when somebody is taken to be working on it. Two at once do no harm, but twice the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellVerdict:
    """The result of a cell: `prefilled`, `unchanged` or `refused`, with what is wrong with it."""

    column: str
    verdict: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of a row: `created`, `prefilled`, `unchanged` or `refused`. `code` says what was not taken."""

    row: int
    identifier: str
    verdict: str
    code: str | None
    cells: tuple[CellVerdict, ...] = ()
    duplicate_of: int | None = None
    """The row that has the same person."""
    activation: str | None = None
    """`issued`, or why no code was. None where none was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A verdict, and what the rest of the import needs to know of that row."""

    verdict: Verdict
    account: str = ""
    takes: bool = False
    """Whether a later row of the same person is a duplicate of this one."""
    first_password: bool = False
    """Whether who is activated chooses the first password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """The verdicts of a portion, as they were decided at that time and before anything was written."""

    at: datetime
    settled: tuple[Settled, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is counted of a settled portion, and which accounts it took: beginnings of keys, and their rows."""

    verdicts: Mapping[str, int]
    faults: int = 0
    """Rows of which something was not taken."""
    activations: int = 0
    taken: Mapping[str, int] = field(default_factory=dict)


SHORT: Final = 20
"""Characters of an account key that tell the people of one import apart: 100 bits."""


def marks_of(settled: tuple[Settled, ...]) -> Marks:
    """Return the marks of a portion."""
    counts: dict[str, int] = {}
    taken: dict[str, int] = {}
    for one in settled:
        counts[one.verdict.verdict] = counts.get(one.verdict.verdict, 0) + 1
        if one.takes:
            taken.setdefault(one.account[:SHORT], one.verdict.row)
    issued = sum(one.verdict.activation == "issued" for one in settled)
    faults = sum(one.verdict.code is not None for one in settled)
    return Marks(verdicts=counts, faults=faults, activations=issued, taken=taken)
