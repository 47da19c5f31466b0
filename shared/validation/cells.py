"""Read the cells of a batch: rows that an administrator exported from a spreadsheet, a database or another system.

A cell is judged alone: one that cannot be read costs no other cell, and a row costs no other row. The input is rows of
cells, whatever they were read from: in JSON a cell can also be a number or null, in CSV it is always text. What a cell
means for a person (a number, an address) is judged by the field that it is for.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.domain.errors import InvalidInput, Reason
from shared.domain.imports import Row
from shared.validation.columns import Names, columns_of
from shared.validation.csv_table import LOST, Line, Table
from shared.validation.spreadsheet import as_meant
from shared.validation.typed_text import cleaned

MOST_CHARACTERS: Final = 320
"""Of a cell: as many as a typed name or contact may have."""

_EXACT: Final = 2**53
"""Up to here a number of JSON is the one that was written (RFC 8259, section 6)."""

_LANGUAGE: Final = re.compile(r"([a-z]{2,3})(?:[-_.@][a-z0-9]+)*", re.ASCII)
_OF_THREE_LETTERS: Final = {"eng": "en", "fra": "fr", "fre": "fr"}
"""ISO 639-2, for the languages that messages have."""

_YES: Final = frozenset({"yes", "y", "true", "1", "x", "oui", "o", "vrai"})
_NO: Final = frozenset({"no", "n", "false", "0", "non", "faux"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What may be read, with its names in files. `numbers`: those for phone numbers. `given`: names of the caller."""

    names: Names
    numbers: Collection[str] = ()
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The rows of a batch, and what is wrong with all of them."""

    rows: tuple[Row, ...]
    read: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The headers that were read, by column."""
    unknown_columns: tuple[str, ...] = ()
    """Each once, however many rows have it. Their cells are not read."""


def read_batch(rows: Sequence[object], columns: Columns) -> Batch:
    """Return the cells of objects, which are rows numbered from 1. Raises InvalidInput for a name in `given`."""
    names: dict[str, None] = {}
    for row in rows:
        if isinstance(row, Mapping):
            names |= dict.fromkeys(map(str, row))
    header = tuple(names)
    places, unread = columns_of(header, columns.names, columns.given)
    by_name = {header[place]: column for place, column in places.items()}
    read = tuple(_of_object(number, row, by_name, columns) for number, row in enumerate(rows, 1))
    return Batch(rows=read, read=_headers(header, places), unknown_columns=unread)


def read_table(table: Table, columns: Columns) -> Batch:
    """Return the cells of a file. Raises InvalidInput if no column says who the rows are about."""
    places, unread = columns_of(table.header, columns.names, columns.given)
    if "identifier" not in places.values():
        raise InvalidInput("columns.identifier", "missing")
    rows = tuple(_of_line(line, places, columns) for line in table.lines)
    return Batch(rows=rows, read=_headers(table.header, places), unknown_columns=unread)


def language_of(text: str, languages: Collection[str]) -> str:
    """Return the language of a tag such as `fr-CA`, `FR_fr` or `fra`. Raises InvalidInput for one without texts."""
    found = _LANGUAGE.fullmatch(text.lower().replace(" ", ""))
    language = _OF_THREE_LETTERS.get(found[1], found[1]) if found else ""
    if language not in languages:
        raise InvalidInput("language", "not_offered")
    return language


def is_permitted(text: str) -> bool:
    """Whether the person agreed. Raises InvalidInput for what is neither yes nor no."""
    if text.lower() in _NO:
        return False
    if text.lower() not in _YES:
        raise InvalidInput("permission", "not_allowed")
    return True


def _headers(header: Sequence[str], places: Mapping[int, str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for place, column in sorted(places.items()):
        found[column] = (*found.get(column, ()), cleaned(header[place])[:MOST_CHARACTERS])
    return found


def _of_object(number: int, row: object, by_name: Mapping[str, str], columns: Columns) -> Row:
    if not isinstance(row, Mapping):
        return Row(line=number, code="not_a_row")
    cells = ((by_name[str(name)], cell) for name, cell in row.items() if str(name) in by_name)
    return _row(number, cells, columns)


def _of_line(line: Line, places: Mapping[int, str], columns: Columns) -> Row:
    cells = ((column, line.cells[place]) for place, column in places.items() if place < len(line.cells))
    return _row(line.number, cells if line.fault in {"", "too_many_cells"} else (), columns, line.fault)


def _row(number: int, cells: object, columns: Columns, code: str = "") -> Row:
    texts: dict[str, str] = {}
    faults: dict[str, Reason] = {}
    given: dict[str, str] = {}
    for column, cell in cells:  # type: ignore[attr-defined]
        try:
            text = _text(cell, column, number=column in columns.numbers)
        except InvalidInput as fault:
            faults[column] = fault.reason
            given[column] = cleaned(str(cell))[:MOST_CHARACTERS]
            continue
        if text and texts.get(column, text) != text:  # `Email` beside `email`, with two addresses
            faults[column] = "duplicate"
        elif text:
            texts[column] = text
    for column in faults:
        given[column] = texts.pop(column, given.get(column, ""))
    return Row(line=number, texts=texts, faults=faults, given=given, code=code)


def _text(cell: object, column: str, *, number: bool) -> str:
    """Return the text of a cell. Empty for one that is blank: it is absent."""
    match cell:
        case None:
            return ""
        case bool():
            raise InvalidInput(column, "wrong_type")
        case int() if cell >= 0:
            text = str(cell)
        case float() if cell >= 0:
            text = _digits_of(cell, column)
        case str():
            text = as_meant(cleaned(cell), column, number=number)
        case _:
            raise InvalidInput(column, "wrong_type")
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(column, "too_long")
    if LOST in text:
        raise InvalidInput(column, "unreadable")
    return text


def _digits_of(number: float, column: str) -> str:
    """Return the digits of a whole number, as an export with empty cells in the column writes it: 33639981234.0."""
    if number > _EXACT or number % 1:
        raise InvalidInput(column, "wrong_type")
    if number and number % 100_000 == 0:  # 3.36E+10: a spreadsheet has shown, and then saved, the first digits only
        raise InvalidInput(column, "rounded")
    return str(int(number))
