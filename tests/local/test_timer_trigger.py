"""Schedules as the host reads them, and missed runs."""

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from local.host.loading import Binding, IndexingError, LoadedFunction
from local.host.timer_trigger import Schedule, TimerStatus, TimerTrigger, utc_now

HOURLY = "0 0 * * * *"


class FakeInvoker:
    """Records each run, and fails when it is told to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.runs: list[bool] = []
        self.fails = fails

    async def call(self, function: LoadedFunction, datum: Any) -> None:
        self.runs.append(json.loads(datum.value)["IsPastDue"])
        if self.fails:
            raise RuntimeError("as asked")


def timer(invoker: FakeInvoker, folder: Path, schedule: str = HOURLY, **settings: Any) -> TimerTrigger:
    binding = Binding("timer", "timerTrigger", is_output=False, settings={"schedule": schedule, **settings})
    function = LoadedFunction("tick", lambda: None, False, False, binding, (), None, ())
    return TimerTrigger(function, invoker, folder)  # type: ignore[arg-type]


async def run_for(trigger: TimerTrigger, seconds: float) -> None:
    stopping = asyncio.Event()
    task = asyncio.create_task(trigger.run(stopping))
    await asyncio.sleep(seconds)
    stopping.set()
    await task


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("0 */15 * * * *", "2026-01-01T10:07:30", "2026-01-01T10:15:00"),
        ("30 0 0 * * *", "2026-01-01T00:00:30", "2026-01-02T00:00:30"),
        ("0 0 9 * * 1", "2026-01-01T00:00:00", "2026-01-05T09:00:00"),
        ("0 0 0 13 * 5", "2026-01-01T00:00:00", "2026-02-13T00:00:00"),
        ("*/15 * * * *", "2026-01-01T10:07:30", "2026-01-01T10:15:00"),
    ],
)
def test_the_next_run_of_an_ncrontab_schedule(expression: str, after: str, expected: str) -> None:
    """Seconds come first, Monday is 1, and day of month AND day of week must both match."""
    assert Schedule(expression).after(at(after)) == at(expected)


@pytest.mark.parametrize("expression", ["", "hourly", "0 0 * *", "61 * * * * *", "0 0 * * * * *"])
def test_an_invalid_schedule_stops_the_host(expression: str) -> None:
    """Otherwise the timer would never fire."""
    with pytest.raises(IndexingError):
        Schedule(expression)


def _status(folder: Path, **moments: dt.datetime) -> None:
    (folder / "tick.json").write_text(json.dumps({name: value.isoformat() for name, value in moments.items()}))


async def test_missed_timer_runs_are_made_up_by_one_run(tmp_path: Path) -> None:
    """For any number of missed occurrences, there is one immediate run with IsPastDue."""
    long_ago = utc_now().replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=5)
    _status(tmp_path, Last=long_ago, Next=long_ago + dt.timedelta(hours=1), LastUpdated=long_ago)
    invoker = FakeInvoker()

    await run_for(timer(invoker, tmp_path), 0.2)
    await run_for(timer(invoker, tmp_path), 0.2)

    assert invoker.runs == [True]


async def test_no_run_is_missed_after_a_schedule_change(tmp_path: Path) -> None:
    """A stored Next that the current schedule does not produce is computed again."""
    long_ago = utc_now().replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=5)
    _status(tmp_path, Last=long_ago, Next=long_ago + dt.timedelta(minutes=7), LastUpdated=long_ago)
    invoker = FakeInvoker()

    await run_for(timer(invoker, tmp_path), 0.2)

    assert invoker.runs == []


async def test_the_first_start_runs_nothing_and_stores_the_timer_status(tmp_path: Path) -> None:
    """Without a status no run was missed."""
    invoker = FakeInvoker()

    await run_for(timer(invoker, tmp_path), 0.1)

    assert invoker.runs == []
    assert TimerStatus(tmp_path / "tick.json").read()["Next"] > utc_now()


async def test_an_unreadable_timer_status_is_ignored(tmp_path: Path) -> None:
    """The timer continues as without a status."""
    (tmp_path / "tick.json").write_text("{ half")
    invoker = FakeInvoker()

    await run_for(timer(invoker, tmp_path, "* * * * * *"), 1.3)

    assert invoker.runs in ([False], [False, False])


async def test_a_failed_timer_run_does_not_stop_the_schedule(tmp_path: Path) -> None:
    """The exception is logged, and the next run happens."""
    invoker = FakeInvoker(fails=True)

    await run_for(timer(invoker, tmp_path, "* * * * * *"), 2.3)

    assert len(invoker.runs) >= 2


async def test_only_one_instance_runs_a_timer_and_another_takes_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two instances on one store never run a timer at the same time. When the holder stops, the other continues."""
    monkeypatch.setattr("local.host.timer_trigger.LOCK_RETRY", 0.05)
    first, second = FakeInvoker(), FakeInvoker()

    await asyncio.gather(
        run_for(timer(first, tmp_path, "* * * * * *"), 1.5), run_for(timer(second, tmp_path, "* * * * * *"), 3.2)
    )

    assert 1 <= len(first.runs) <= 2
    assert 1 <= len(second.runs) <= 2


async def test_a_timer_with_run_on_startup_fires_at_every_start(tmp_path: Path) -> None:
    """As in the real host."""
    invoker = FakeInvoker()

    await run_for(timer(invoker, tmp_path, runOnStartup=True), 0.1)

    assert invoker.runs == [False]


def test_the_timer_status_is_read_as_it_was_written(tmp_path: Path) -> None:
    """With times to the microsecond."""
    status = TimerStatus(tmp_path / "deep" / "tick.json")
    status.write(last=None, upcoming=at("2026-01-01T10:00:00"))

    assert status.read()["Next"] == at("2026-01-01T10:00:00")
    assert "Last" not in status.read()
