"""Answers that nobody else has: each is made from the id of its question and from what the page was shown first."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

SHOWN = {"questions", "count"}
SPENT_FOR = timedelta(0)
"""The next draw can be answered at once."""
CHOSEN = True


def answers(questions: str, count: int, of: str = "") -> dict[str, str]:
    """Return answers to the first questions of a list that the service gave. `of`: whose they are."""
    ids = [question["id"] for question in json.loads(questions)][:count]
    return {one: hashlib.sha256(f"{of} {one}".encode()).hexdigest() for one in ids}


def answer(shown: Mapping[str, str], challenge: Mapping[str, str], now: datetime) -> str:
    """Return answers to as many questions as are wanted, or to all that are asked."""
    del now
    whose = hashlib.sha256(shown["questions"].encode()).hexdigest()
    return json.dumps(answers((challenge or shown)["questions"], int(shown["count"]), whose))


def wrong(right: str) -> str:
    """Return the same answers, of which the last one is another."""
    given = json.loads(right)
    return json.dumps({**given, list(given)[-1]: "something else"})
