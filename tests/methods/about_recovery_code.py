"""A sheet of recovery codes, whose owner types them from the first to the last."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from tests.fakes.clock import MONDAY_MORNING

SHOWN = {"codes", "account"}
SPENT_FOR = timedelta(minutes=1)
"""Its owner types the next code each minute."""


def answer(shown: Mapping[str, str], challenge: Mapping[str, str], now: datetime) -> str:
    """Return the code of the sheet for this minute."""
    del challenge
    return codes(shown)[(now - MONDAY_MORNING) // SPENT_FOR]


def codes(shown: Mapping[str, str]) -> list[str]:
    """Return the codes of the sheet, in its order."""
    return shown["codes"].split("\n")


def wrong(right: str) -> str:
    """Return the code with another first letter."""
    return ("7" if right[0] != "7" else "8") + right[1:]
