"""Write the verdicts on the rows of an import as CSV, for a spreadsheet, and so that it can be corrected and imported.

A cell that a spreadsheet would run as a formula begins with an apostrophe: a file from elsewhere may have one for
whoever opens the verdicts (OWASP, "CSV Injection"). Reading it back takes the apostrophe away (`spreadsheet.py`).
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from shared.domain.imports import Row, Verdict

BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it Excel takes UTF-8 for the code page of the machine."""

ADDED: Final = ("line", "verdict", "code", "reasons", "activation", "duplicate_of")

_RUN: Final = "=+@\t\r\n\uff1d\uff0b\uff0d\uff20-"
_SPLIT: Final = re.compile(rf"([;|\t\r\n][\s\"]*)(?=[{_RUN}])")
"""Where a spreadsheet with another separator, such as Excel in French and German, begins a cell that it would run."""


def verdict_file(
    rows: Iterable[tuple[Row, Verdict]], columns: Sequence[str], headers: Mapping[str, Sequence[str]]
) -> str:
    """Return the file: a line for each row, with what was given in these columns. `headers` are their names there."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow((*ADDED, *columns))
    for row, verdict in rows:
        reasons = (
            f"{'/'.join(headers.get(cell.column, ())) or cell.column}: {cell.reason}"
            for cell in verdict.cells
            if cell.reason is not None
        )
        what = (verdict.verdict, verdict.code, "; ".join(reasons), verdict.activation, verdict.duplicate_of)
        given = (row.texts.get(column) or row.given.get(column) or "" for column in columns)
        writer.writerow([guarded("" if cell is None else str(cell)) for cell in (verdict.row, *what, *given)])
    return BYTE_ORDER_MARK + text.getvalue()


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet runs."""
    cell = _SPLIT.sub(r"\1'", cell)
    return f"'{cell}" if cell and cell[0] in _RUN else cell
