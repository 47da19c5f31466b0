"""Runs one timer-triggered function on its schedule (UTC), in one instance at a time.

The status (`Last`, `Next`, `LastUpdated`) is stored on disk. A run missed while the stack was stopped is made up by one
immediate run with `IsPastDue`. Manual runs do not use this module; as in the real host, they hold no lock.
"""

import asyncio
import datetime as dt
import json
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from croniter import croniter

from local.file_lock import FileLock
from local.host.calling import Datum, Invoker
from local.host.loading import IndexingError, LoadedFunction

LONGEST_SLEEP = 30.0  # seconds; short, so that a sleep of the machine or a change of its clock is noticed
LOCK_RETRY = 2.0
MONITOR_FLOOR = dt.timedelta(minutes=1)
logger = logging.getLogger("host")


def utc_now() -> dt.datetime:
    """Return the current time. The local host replaces the platform, so it may use the system clock."""
    return dt.datetime.now(dt.UTC)


class Schedule:
    """An NCRONTAB expression: seconds come first, and day of month AND day of week must match."""

    def __init__(self, expression: str) -> None:
        if len(expression.split()) == 5:
            expression = f"0 {expression}"
        if len(expression.split()) != 6 or not croniter.is_valid(expression, second_at_beginning=True):
            raise IndexingError(f"{expression!r} is not an NCRONTAB schedule")
        self._expression = expression

    def after(self, moment: dt.datetime) -> dt.datetime:
        """Return the first occurrence after `moment`."""
        ticks = croniter(self._expression, moment, second_at_beginning=True, day_or=False)
        found: dt.datetime = ticks.get_next(dt.datetime)
        return found


class TimerStatus:
    """`Last`, `Next` and `LastUpdated` of one timer, on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, dt.datetime]:
        """Return the stored status, or an empty one if it does not exist or cannot be read."""
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            return {name: dt.datetime.fromisoformat(value) for name, value in kept.items() if value}
        except (OSError, ValueError):
            return {}

    def write(self, *, last: dt.datetime | None, upcoming: dt.datetime) -> None:
        """Replace the status atomically."""
        moments = {"Last": last, "Next": upcoming, "LastUpdated": utc_now()}
        fresh = self._path.with_suffix(".new")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps({name: value and value.isoformat() for name, value in moments.items()}), "utf-8")
        os.replace(fresh, self._path)  # noqa: PTH105


class TimerTrigger:
    """The listener of one timer in this instance."""

    def __init__(self, function: LoadedFunction, invoker: Invoker, state: Path) -> None:
        self._function = function
        self._invoker = invoker
        self._schedule = Schedule(str(function.trigger.settings["schedule"]))
        self._status = TimerStatus(state / f"{function.name}.json")
        self._lock = FileLock(state / f"{function.name}.lock")
        first = self._schedule.after(utc_now())
        frequent = self._schedule.after(first) - first < MONITOR_FLOOR
        self._monitored = function.trigger.settings.get("useMonitor", True) and not frequent

    async def run(self, stopping: asyncio.Event) -> None:
        """Wait for the timer's lock, then run the function whenever it is due."""
        while not self._lock.acquire():
            if await _stops_within(stopping, LOCK_RETRY):
                return
        try:
            await self._keep_time(stopping)
        finally:
            self._lock.release()

    async def _keep_time(self, stopping: asyncio.Event) -> None:
        last, upcoming, past_due = self._resume()
        if self._function.trigger.settings.get("runOnStartup") and not past_due:
            await self.fire(past_due=False)
        while True:
            wait = (upcoming - utc_now()).total_seconds()
            if wait > 0:
                if await _stops_within(stopping, min(wait, LONGEST_SLEEP)):
                    return
                continue
            last = utc_now()
            await self.fire(past_due=past_due)
            past_due = False
            upcoming = self._schedule.after(max(last, upcoming))
            if self._monitored:
                self._status.write(last=last, upcoming=upcoming)
            if stopping.is_set():
                return

    def _resume(self) -> tuple[dt.datetime | None, dt.datetime, bool]:
        now = utc_now()
        upcoming = self._schedule.after(now)
        if not self._monitored:
            return None, upcoming, False
        kept = self._status.read()
        last = kept.get("Last")
        if "Next" in kept and "LastUpdated" in kept:
            expected = self._schedule.after(last or kept["LastUpdated"])
            # After a change of schedule no run is missed.
            unchanged = abs((expected - kept["Next"]).total_seconds()) < 1
            if unchanged and kept["Next"] <= now:
                return last, kept["Next"], True
        self._status.write(last=last, upcoming=upcoming)
        return last, upcoming, False

    async def fire(self, *, past_due: bool) -> None:
        """Run the function once. A failure is logged and does not stop the schedule."""
        status = {name: value.isoformat() for name, value in self._status.read().items()} or None
        payload: dict[str, Any] = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": status,
            "IsPastDue": past_due,
        }
        try:
            await self._invoker.call(self._function, Datum(json.dumps(payload), "json"))
        except Exception:
            logger.exception("function failed")


async def _stops_within(stopping: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
    return stopping.is_set()
