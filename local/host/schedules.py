"""When a timer is due: NCRONTAB, as the host reads it."""

import datetime as dt

from croniter import croniter


class BadSchedule(Exception):
    """The expression is not an NCRONTAB schedule with seconds."""


class Schedule:
    """An NCRONTAB expression: seconds come first, and day of month AND day of week must match."""

    def __init__(self, expression: str) -> None:
        if len(expression.split()) != 6 or not croniter.is_valid(expression, second_at_beginning=True):
            raise BadSchedule(f"{expression!r} is not an NCRONTAB schedule with seconds")
        self._expression = expression

    def after(self, moment: dt.datetime) -> dt.datetime:
        """Return the first occurrence after `moment`."""
        ticks = croniter(self._expression, moment, second_at_beginning=True, day_or=False)
        found: dt.datetime = ticks.get_next(dt.datetime)
        return found
