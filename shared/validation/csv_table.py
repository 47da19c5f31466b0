"""Read a CSV file as spreadsheets, shells, directories and consoles write it: bytes to a header and numbered rows.

The encoding follows a rule and is not guessed: a byte order mark decides; without one it is UTF-8, and bytes that are
not UTF-8 are cp1252, as Excel writes them on Windows. The separator is the one that `sep=` names, or the one with which
the header has the most columns that are known.

A fault costs its row and no other one. A quotation mark that is never closed would swallow the rest of the file, so its
line is a faulty row, and reading goes on with the next line.

First lines that programs write are skipped: `sep=;` (Excel), `#TYPE ...` (PowerShell), `version:v1.0` and the example
below the header (templates of Microsoft Entra).
"""

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from shared.domain.errors import InvalidInput
from shared.domain.imports import MOST_ROWS
from shared.validation.typed_text import cleaned

SEPARATORS: Final = (",", ";", "\t", "|")
MOST_COLUMNS: Final = 200
MOST_LINES_OF_A_ROW: Final = 50
"""A quoted cell may have line breaks. A quotation mark that is not closed by then was not meant as one."""

LOST: Final = "\ufffd"
"""What stands for bytes that no character of the encoding has."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, ""), (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_LINE_BREAK: Final = re.compile(r"\r\n|\n|\r")
_SEPARATOR: Final = re.compile(r'"?sep=(.)"?[,;\t|]*', re.IGNORECASE)
_PREAMBLE: Final = re.compile(r'"?(?:#TYPE[ ,].*|version:v[0-9.]+"?[,;\t| ]*)', re.IGNORECASE)
_VERSION: Final = re.compile(r'"?version:v', re.IGNORECASE)
_EXAMPLE: Final = re.compile(r"(?:example|exemple|beispiel|ejemplo|esempio) ?:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file. `number` is that of its first line, from 1."""

    number: int
    cells: tuple[str, ...]
    fault: str = ""
    """Why no cell can be trusted: `unclosed_quote`, `too_many_cells` (then they may be shifted) or `too_long`."""


@dataclass(frozen=True, slots=True)
class Table:
    """The header and the rows that have something in them."""

    header: tuple[str, ...]
    lines: tuple[Line, ...]


def csv_table(body: bytes, known: Callable[[Sequence[str]], int]) -> Table:
    """Return the table. `known` returns how many of the cells of a header are known.

    Raises InvalidInput for a file without a header, or in an encoding that no rule names.
    """
    lines = _LINE_BREAK.split(_decoded(body))
    at, separator, is_template = 0, "", False
    while at < len(lines) and (found := _skipped(lines[at])) is not None:
        separator = found or separator
        is_template = is_template or bool(_VERSION.match(lines[at]))
        at += 1
    readings = [(_record(lines, at, each), each) for each in ([separator] if separator else SEPARATORS)]
    (cells, after), separator = max(
        readings, key=lambda reading: (known(reading[0][0].cells), len(reading[0][0].cells))
    )
    header = _without_blank_end(cells.cells)
    if not header or cells.fault:
        raise InvalidInput("body", "missing" if not header else "malformed")
    if len(header) > MOST_COLUMNS:
        raise InvalidInput("body", "too_many")
    there = (line for line in _records(lines, after, separator) if any(map(_has_text, line.cells)))
    # One more than an import may have, and an example: a file of a million lines is refused without all of it read.
    rows = [_fitted(line, len(header)) for line in islice(there, MOST_ROWS + 2)]
    if is_template and rows and _EXAMPLE.match(cleaned(rows[0].cells[0])):
        del rows[0]
    return Table(header, tuple(rows))


def _decoded(body: bytes) -> str:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            if not encoding:
                raise InvalidInput("body", "charset")
            return body[len(mark) :].decode(encoding, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def _skipped(line: str) -> str | None:
    """Return the separator that a line before the header names, "" for another such line, None for the header."""
    if found := _SEPARATOR.fullmatch(line.strip()):
        return found[1]
    if line.strip().lower() == "sep=":  # a tab, which `strip` has taken
        return "\t"
    return "" if _PREAMBLE.fullmatch(line.strip()) or not line.strip(' ,;\t|"\ufeff') else None


def _records(lines: Sequence[str], at: int, separator: str) -> Iterator[Line]:
    while at < len(lines):
        if not lines[at].strip(f"{separator} "):  # where blank rows have a format, a spreadsheet writes a million
            at += 1
            continue
        line, at = _record(lines, at, separator)
        yield line


def _record(lines: Sequence[str], at: int, separator: str) -> tuple[Line, int]:
    """Return the row that begins with this line, and where the next one begins."""
    fault = "unclosed_quote"
    for end in range(at + 1, min(len(lines), at + MOST_LINES_OF_A_ROW) + 1):
        try:
            # Strict only to learn whether a quotation mark is open. What stands behind a closed one is read anyhow.
            cells = _parsed(lines[at:end], separator, strict='"' in lines[end - 1] or end > at + 1)
        except csv.Error as error:
            if "unexpected end" in str(error):
                continue
            if "field larger" in str(error):
                fault = "too_long"
                break
            if end > at + 1:  # text behind the closing mark: that mark opens a cell of another row, and closes none
                break
            cells = _parsed(lines[at:end], separator, strict=False)
        return Line(at + 1, cells), end
    return Line(at + 1, tuple(lines[at : at + 1]), fault if at < len(lines) else ""), at + 1


def _parsed(lines: Sequence[str], separator: str, *, strict: bool) -> tuple[str, ...]:
    text = [f"{line}\n" for line in lines[:-1]] + list(lines[-1:])
    return tuple(next(csv.reader(text, delimiter=separator, strict=strict), ()))


def _fitted(line: Line, columns: int) -> Line:
    """Return the row without blank cells behind the last column. Others there mean that a separator was not quoted."""
    beyond = any(map(_has_text, line.cells[columns:]))
    return Line(line.number, line.cells[:columns], line.fault or ("too_many_cells" if beyond else ""))


def _without_blank_end(cells: tuple[str, ...]) -> tuple[str, ...]:
    while cells and not _has_text(cells[-1]):
        cells = cells[:-1]
    return cells


def _has_text(cell: str) -> bool:
    return bool(cleaned(cell))
