"""Writes rows to a file or the terminal: CSV for a spreadsheet, or one JSON object a line."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from shared.validation.verdict_file import guarded

Write = Callable[[Mapping[str, Any]], None]


@contextmanager
def sheet(out: Path | None, kind: str) -> Iterator[Write]:
    """Open a new file, for its owner only, or the standard output. Raises OSError, also if there is a file already."""
    if out is None:
        yield _writer(sys.stdout, kind)
        return
    os.close(os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with out.open("w", encoding="utf-8", newline="") as file:
        if kind == "csv":
            file.write("\ufeff")  # without it, Excel reads names with accents as cp1252
        yield _writer(file, kind)


def _writer(file: IO[str], kind: str) -> Write:
    if kind != "csv":
        return lambda row: print(json.dumps(row, ensure_ascii=False, separators=(",", ":")), file=file)
    made: list[Any] = []

    def write(row: Mapping[str, Any]) -> None:
        if not made:
            made.append(csv.DictWriter(file, list(row)))
            made[0].writeheader()
        made[0].writerow({name: guarded("" if value is None else str(value)) for name, value in row.items()})

    return write
