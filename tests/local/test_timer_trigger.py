"""Schedules as the host reads them, and the runs of a timer among several instances."""

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from local.host.loading import Binding, LoadedFunction
from local.host.schedules import BadSchedule, Schedule
from local.host.timer_trigger import TimerTrigger


class FakeInvoker:
    """Counts the runs, and fails each of them."""

    runs = 0

    async def call(self, *_: Any) -> None:
        self.runs += 1
        raise RuntimeError("as asked")

    async def reaches(self, runs: int) -> None:
        while self.runs < runs:
            await asyncio.sleep(0.02)


def started(invoker: FakeInvoker, folder: Path) -> tuple[asyncio.Event, asyncio.Task[None]]:
    binding, stopping = Binding("timer", "timerTrigger", {"schedule": "* * * * * *"}), asyncio.Event()
    trigger = TimerTrigger(LoadedFunction("tick", invoker.call, binding, (), ()), invoker, folder)  # type: ignore[arg-type]
    return stopping, asyncio.create_task(trigger.run(stopping))


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("0 */15 * * * *", "2026-01-01T10:07:30", "2026-01-01T10:15:00"),
        ("30 0 0 * * *", "2026-01-01T00:00:30", "2026-01-02T00:00:30"),
        ("0 0 9 * * 1", "2026-01-01T00:00:00", "2026-01-05T09:00:00"),
        ("0 0 0 13 * 5", "2026-01-01T00:00:00", "2026-02-13T00:00:00"),
    ],
)
def test_the_next_run_of_an_ncrontab_schedule(expression: str, after: str, expected: str) -> None:
    """Seconds come first, Monday is 1, and day of month AND day of week must both match."""
    moment, due = (dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC) for text in (after, expected))
    assert Schedule(expression).after(moment) == due


@pytest.mark.parametrize("expression", ["", "hourly", "0 0 * *", "*/15 * * * *", "61 * * * * *", "0 0 * * * * *"])
def test_an_invalid_schedule_is_refused(expression: str) -> None:
    """The host then leaves the timer out."""
    with pytest.raises(BadSchedule):
        Schedule(expression)


async def test_one_instance_runs_a_timer_until_another_takes_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two instances never run a timer at the same time, and a run that fails does not stop the schedule."""
    monkeypatch.setattr("local.host.timer_trigger.LOCK_RETRY", 0.05)
    first, second = FakeInvoker(), FakeInvoker()
    running, waiting = started(first, tmp_path), started(second, tmp_path)

    await first.reaches(2)
    assert second.runs == 0
    running[0].set()
    await running[1]
    await second.reaches(1)

    assert first.runs == 2
    waiting[0].set()
    await waiting[1]
