"""Runs one timer-triggered function on its schedule (UTC), in one instance at a time.

Manual runs hold no lock, as in the real host. A run that was missed while the stack was stopped is not made up: the
app's timers do the work of a missed run in the next one.
"""

import asyncio
import datetime as dt
import json
import logging
from contextlib import suppress
from pathlib import Path

from local.file_lock import FileLock
from local.host.calling import Datum, Invoker
from local.host.loading import LoadedFunction
from local.host.schedules import Schedule

LONGEST_SLEEP = 30.0  # seconds; short, so that a sleep of the machine or a change of its clock is noticed
LOCK_RETRY = 2.0
PAYLOAD = json.dumps({"Schedule": {"AdjustForDST": True}, "ScheduleStatus": None, "IsPastDue": False})
logger = logging.getLogger("host")


class TimerTrigger:
    """The listener of one timer in this instance."""

    def __init__(self, function: LoadedFunction, invoker: Invoker, state: Path) -> None:
        self._function = function
        self._invoker = invoker
        self._schedule = Schedule(str(function.trigger.settings["schedule"]))
        self._lock = FileLock(state / f"{function.name}.lock")

    async def run(self, stopping: asyncio.Event) -> None:
        """Wait for the timer's lock, then run the function whenever it is due."""
        while not self._lock.acquire():
            if await _stops_within(stopping, LOCK_RETRY):
                return
        try:
            upcoming = self._schedule.after(_utc_now())
            while not stopping.is_set():
                wait = (upcoming - _utc_now()).total_seconds()
                if wait > 0:
                    await _stops_within(stopping, min(wait, LONGEST_SLEEP))
                    continue
                await self.fire()
                upcoming = self._schedule.after(max(upcoming, _utc_now()))
        finally:
            self._lock.release()

    async def fire(self) -> None:
        """Run the function once. A failure is logged and does not stop the schedule."""
        try:
            await self._invoker.call(self._function, Datum(PAYLOAD, "json"))
        except Exception:
            logger.exception("function failed")


def _utc_now() -> dt.datetime:
    """Return the current time. The local host replaces the platform, so it may use the system clock."""
    return dt.datetime.now(dt.UTC)


async def _stops_within(stopping: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
    return stopping.is_set()
