"""Know numbers whose plan has changed: people keep the old form in contacts and on cards for years.

The numbering library knows today's plans only (libphonenumber drops a form once it can no longer be dialled). Each line
is one change, by the regulator's announcement, as a pattern of the whole old number and what it is now. A new form is
taken only if the library calls it valid.
"""

import re
from collections.abc import Iterator
from typing import Final

_Change = tuple[re.Pattern[str], str]


def _change(old: str, new: str) -> _Change:
    return re.compile(rf"\+{old}", re.ASCII), rf"+{new}"


def _vietnam() -> Iterator[_Change]:
    """Yield each block of mobile numbers that lost a digit in 2018, by its old and its new beginning."""
    viettel = {f"16{digit}": f"3{digit}" for digit in range(2, 10)}
    mobifone = {"120": "70", "121": "79", "122": "77", "126": "76", "128": "78"}
    vinaphone = {"123": "83", "124": "84", "125": "85", "127": "81", "129": "82"}
    others = {"186": "56", "188": "58", "199": "59"}
    for old, new in (viettel | mobifone | vinaphone | others).items():
        yield _change(rf"84{old}(\d{{7}})", rf"84{new}\1")


_CHANGES: Final = (
    _change(r"52(?:1|01|044|045)(\d{10})", r"52\1"),  # Mexico 2019: no prefix before mobile numbers (IFT)
    _change(r"55(\d\d)([6-9]\d{7})", r"55\g<1>9\2"),  # Brazil 2012-2016: a ninth digit (Anatel)
    _change(r"56([5-9]\d{7})", r"569\1"),  # Chile 2013-2018: nine digits everywhere (Subtel)
    _change(r"225([04-9][0-3]\d{6})", r"22501\1"),  # Ivory Coast 2021: ten digits, by operator (ARTCI)
    _change(r"225([04-9][4-6]\d{6})", r"22505\1"),
    _change(r"225([04-9][7-9]\d{6})", r"22507\1"),
    _change(r"229(\d{8})", r"22901\1"),  # Benin 2024: ten digits (ARCEP Benin)
    _change(r"237([5-9]\d{7})", r"2376\1"),  # Cameroon 2014: nine digits (ART)
    _change(r"237([23]\d{7})", r"2372\1"),
    *_vietnam(),
)
_MOBILE_WITHOUT_ITS_MARK: Final = _change(r"54(\d{10})", r"549\1")
"""Argentina: the 9 of a mobile number is left out at home and often abroad (libphonenumber FAQ)."""


def newer_forms(e164: str) -> Iterator[str]:
    """Yield what a number that is no longer valid has become."""
    yield from (old.sub(new, e164) for old, new in _CHANGES if old.fullmatch(e164))


def mobile_form(e164: str) -> str:
    """Return the form of a mobile number that was written like a fixed line. Other numbers stay as they are."""
    old, new = _MOBILE_WITHOUT_ITS_MARK
    return old.sub(new, e164) if old.fullmatch(e164) else e164
