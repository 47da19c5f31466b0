"""See what a spreadsheet has done to a cell, before a field reads it.

What a spreadsheet makes of a phone number is often a valid number of somebody else: with the point of a decimal tail
as a separator it has one digit more, a date has eight digits, and of `3.363998E+10` only the first digits are left. So
this is judged by the form of the cell, and not by whether a number comes out. A lost plus or a lost zero is the normal
case, and no fault: the reader of phone numbers knows it.
"""

import re
from decimal import Decimal
from typing import Final

from shared.domain.errors import InvalidInput

_AS_TEXT: Final = re.compile(r'=\s*"((?:[^"]|"")*)"')
"""`="0639980001"`: an export that keeps a zero."""
_NUMBER_AS_FORMULA: Final = re.compile(r"=\s*\+?[0-9 ]+")
_FORMULA: Final = re.compile(r"=|@[A-Za-z]+\(|[+-][A-Za-z]+[0-9]*\(")
_ERROR: Final = re.compile(r"#+|#[A-Z\u00c0-\u00dd0-9/]+[!?]?|Err:[0-9]{3}")
_GUARDED: Final = re.compile(r"'(?=[=+@\-0-9])")
_GUARDED_INSIDE: Final = re.compile(r"([;|] ?(?:\" ?)*)'(?=[=+@\-])")
"""Our own file of verdicts guards against both kinds of separators (`verdict_file.py`)."""

_EXPONENT: Final = re.compile(r"\+?([0-9])[.,]?([0-9]*)[eE]\+?([0-9]{1,3})", re.ASCII)
_THOUSANDS: Final = re.compile(r"(\+?[0-9]{1,3}(?:([ ,.'])[0-9]{3})(?:\2[0-9]{3})+)([.,][0-9]+)?", re.ASCII)
_DECIMAL: Final = re.compile(r"([0-9]{6,})[.,]([0-9]{1,2})|([0-9]{9,})[.,]0{3,}", re.ASCII)
"""Without a plus: behind one, a comma is that of an extension."""
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:[0-9]{2}|(?:1[89]|20)[0-9]{2})"
_DATE: Final = re.compile(
    rf"(?:{_DAY}([/.-]){_MONTH}\1{_YEAR}|{_MONTH}([/.-]){_DAY}\2{_YEAR}|(?:1[89]|20)[0-9]{{2}}([/.-]){_MONTH}\3{_DAY})"
    r"(?:[T ][0-9]{1,2}[:h][0-9]{2}.*)?"
    r"|(?:[0-9]{1,4}[ .-])?[A-Za-z\u00c0-\u00ff]{3,9}\.?[ .-](?:[0-9]{1,2}[ ,.-]+)?[0-9]{2,4}",
    re.ASCII,
)
"""`12/03/2024`, `2024-03-12 00:00`, `Jan-39`, `12 mars 2024`."""


def as_meant(text: str, column: str, *, number: bool) -> str:
    """Return the text of a cell as it was before a spreadsheet changed how it is written.

    `number`: the cell is for a phone number. Raises InvalidInput where what was there is lost.
    """
    if found := _AS_TEXT.fullmatch(text):
        text = found[1].replace('""', '"').strip()
    elif _NUMBER_AS_FORMULA.fullmatch(text):
        text = text[1:].strip()
    text = _GUARDED.sub("", text, count=1) if text.startswith("'") else text
    text = _GUARDED_INSIDE.sub(r"\1", text)
    if _ERROR.fullmatch(text):
        raise InvalidInput(column, "error_value")
    if _FORMULA.match(text):
        raise InvalidInput(column, "formula")
    return _number(text, column) if number else text


def _number(text: str, column: str) -> str:
    if found := _EXPONENT.fullmatch(text):
        if len(found[2]) < int(found[3]):
            raise InvalidInput(column, "rounded")
        return str(int(Decimal(f"{found[1]}.{found[2]}e{found[3]}")))
    if found := _THOUSANDS.fullmatch(text):
        tail, text = found[3] or "", re.sub("[ ,.']", "", found[1])
        text = f"{text}{tail}"
    if found := _DECIMAL.fullmatch(text):
        if (found[2] or "").strip("0"):
            raise InvalidInput(column, "rounded")
        return found[1] or found[3]
    if _DATE.fullmatch(text):
        raise InvalidInput(column, "date")
    return text
