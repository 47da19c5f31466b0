"""A sheet of recovery codes, whose owner types them from the first to the last: another one at each moment."""

from collections.abc import Mapping
from datetime import datetime, timedelta

SHOWN = {"codes", "account"}
SPENT_FOR = timedelta(minutes=1)
"""Long enough to be another moment."""
_typed: dict[int, tuple[Mapping[str, str], list[datetime]]] = {}
"""By sheet: the sheet, and the moments at which a code of it was typed."""


def answer(shown: Mapping[str, str], challenge: Mapping[str, str], now: datetime) -> str:
    """Return the code of the sheet for this moment."""
    del challenge
    _, moments = _typed.setdefault(id(shown), (shown, []))
    if now not in moments:
        moments.append(now)
    return shown["codes"].split("\n")[moments.index(now)]


def wrong(right: str) -> str:
    """Return the code with another first letter."""
    return ("7" if right[0] != "7" else "8") + right[1:]
