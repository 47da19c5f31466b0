"""Read the cells of a batch: rows that an administrator exported from a spreadsheet, a database or another system.

A cell is judged alone: one that cannot be read costs no other cell, and a row costs no other row. The input is rows of
cells, whatever they were read from: in JSON a cell can also be a number or null, in CSV it is always text. What a cell
means for a person (a number, an address) is judged by the field that it is for.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from shared.domain.errors import InvalidInput, Reason
from shared.validation.typed_text import cleaned

MOST_CHARACTERS: Final = 320
"""Of a cell: as many as a typed name or contact may have."""

LONGEST_COLUMN: Final = 64
"""Characters of the name of an unknown column that are told."""

_EXACT: Final = 2**53
"""Up to here a number of JSON is the one that was written (RFC 8259, section 6)."""

_EXPONENT: Final = re.compile(r"([0-9])[.,]?([0-9]*)[eE]\+?([0-9]{1,2})", re.ASCII)
_LANGUAGE: Final = re.compile(r"([a-z]{2,3})(?:[-_.@][a-z0-9]+)*", re.ASCII)
_OF_THREE_LETTERS: Final = {"eng": "en", "fra": "fr", "fre": "fr"}
"""ISO 639-2, for the languages that messages have."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row that have something in them, and those that cannot be read."""

    texts: dict[str, str] = field(default_factory=dict)
    """By column, cleaned."""
    faults: dict[str, Reason] = field(default_factory=dict)
    """By column, what is wrong with the cell."""
    is_row: bool = True
    """False for what has no columns at all."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of a batch, and what is wrong with all of them."""

    rows: tuple[Row, ...]
    unknown_columns: tuple[str, ...]
    """Each once, however many rows have it. Their cells are not read."""


def read_batch(rows: Sequence[object], columns: Collection[str]) -> Batch:
    """Return the cells of these columns. Nothing is refused here as a whole."""
    unknown: dict[str, None] = {}
    read = tuple(_row(row, columns, unknown) for row in rows)
    return Batch(read, tuple(unknown))


def language_of(text: str, languages: Collection[str]) -> str:
    """Return the language of a tag such as `fr-CA`, `FR_fr` or `fra`. Raises InvalidInput for one without texts."""
    found = _LANGUAGE.fullmatch(text.lower().replace(" ", ""))
    language = _OF_THREE_LETTERS.get(found[1], found[1]) if found else ""
    if language not in languages:
        raise InvalidInput("language", "not_offered")
    return language


def _row(row: object, columns: Collection[str], unknown: dict[str, None]) -> Row:
    if not isinstance(row, Mapping):
        return Row(is_row=False)
    read = Row()
    for name, cell in row.items():
        column = re.sub("[ -]", "_", cleaned(str(name)).lower())
        if column not in columns:
            unknown.setdefault(cleaned(str(name))[:LONGEST_COLUMN])
            continue
        try:
            text = _text(cell, column)
        except InvalidInput as fault:
            read.faults[column] = fault.reason
            continue
        if text and column in read.texts:  # `Email` beside `email`
            read.faults[column] = "duplicate"
        elif text:
            read.texts[column] = text
    for column in read.faults:
        read.texts.pop(column, None)
    return read


def _text(cell: object, column: str) -> str:
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
            text = _without_exponent(cleaned(cell), column)
        case _:
            raise InvalidInput(column, "wrong_type")
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(column, "too_long")
    return text


def _digits_of(number: float, column: str) -> str:
    """Return the digits of a whole number, as an export with empty cells in the column writes it: 33639981234.0."""
    if number > _EXACT or number % 1:
        raise InvalidInput(column, "wrong_type")
    if number and number % 100_000 == 0:  # 3.36E+10: a spreadsheet has shown, and then saved, the first digits only
        raise InvalidInput(column, "rounded")
    return str(int(number))


def _without_exponent(text: str, column: str) -> str:
    """Return the digits of `3,3639981234E+10`. Raises InvalidInput where some of them are lost."""
    found = _EXPONENT.fullmatch(text)
    if found is None:
        return text
    if len(found[2]) < int(found[3]):
        raise InvalidInput(column, "rounded")
    return str(int(Decimal(f"{found[1]}.{found[2]}e{found[3]}")))
