"""`./sesame` itself: what it tells, what it does again, what it refuses."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.file_lock import FileLock
from local.setup import stamps, stored_data
from local.setup.node import is_recent
from local.setup.progress import StepFailed, run_step
from local.stack.environment import service_environment
from local.stack.keys import fresh_keys, kept_keys
from local.stack.parts import ROOT
from local.stack.ports import MOST_INSTANCES, Ports


def sesame(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "sesame"), *arguments], capture_output=True, text=True, check=False
    )


def test_help_lists_the_verbs() -> None:
    """A newcomer finds every verb, and is told when one does not exist."""
    told = sesame("--help").stdout

    for verb in ("run", "test", "check", "bench", "clean-data", "add-person", "lock", "openapi"):
        assert f"\n  {verb} " in told
    unknown = sesame("fly")
    assert unknown.returncode == 2
    assert "fly" in unknown.stderr


@pytest.mark.parametrize(
    ("version", "recent"),
    [("v20.19.0", True), ("v20.18.9", False), ("v22.11.0", False), ("v22.12.0", True), ("v21.7.3", False),
     ("v24.1.0", True), ("v18.20.0", False), ("", False)],
)  # fmt: skip
def test_which_node_is_recent(version: str, recent: bool) -> None:
    """20.19 or 22.12 and later; between them lies a line that Vite does not take."""
    assert is_recent(version) is recent


def test_a_step_is_done_again_only_when_its_reason_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stamp holds what the step was done for; one that was broken off counts as not done."""
    monkeypatch.setattr(stamps, "FOLDER", tmp_path / "stamps")
    lock = tmp_path / "lock.txt"
    lock.write_text("one")
    first = stamps.digest([lock])
    stamps.remember("step", first)
    assert stamps.is_current("step", first)

    lock.write_text("two")
    assert not stamps.is_current("step", stamps.digest([lock]))
    stamps.forget("step")
    assert not stamps.is_current("step", first)


def test_a_failed_step_shows_the_end_of_its_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads the failure needs no log file to understand it."""
    monkeypatch.setattr("local.setup.progress.LOG", tmp_path / "setup.log")
    with pytest.raises(StepFailed, match="the reason"):
        run_step("Trying", [sys.executable, "-c", "import sys; print('the reason'); sys.exit(3)"])


def test_clean_data_refuses_while_a_stack_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data in use is never taken away; afterwards nothing is left but the locks."""
    monkeypatch.setattr(stored_data, "DATA", tmp_path)
    monkeypatch.setattr(stored_data, "LOCK", tmp_path / "run.lock")
    (tmp_path / "azurite").mkdir()
    (tmp_path / "keys.json").write_text("{}")
    with FileLock(tmp_path / "run.lock") as running:
        assert running.acquire()
        assert stored_data.forget() == 1
        assert (tmp_path / "keys.json").exists()

    assert stored_data.forget() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["run.lock"]


def test_a_lock_ends_with_its_holder(tmp_path: Path) -> None:
    """A killed holder leaves no lock behind."""
    path = tmp_path / "a.lock"
    holder = "import sys, time; from pathlib import Path; from local.file_lock import FileLock\n"
    holder += "lock = FileLock(Path(sys.argv[1])); print(lock.acquire(), flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", holder, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    with FileLock(path) as lock:
        assert not lock.acquire()
        process.kill()
        process.wait()
        process.stdout.close()
        end = time.monotonic() + 5
        while not lock.acquire():
            assert time.monotonic() < end
            time.sleep(0.02)


def test_keys_are_drawn_once_and_for_the_owner_only(tmp_path: Path) -> None:
    """A second start finds the same keys; a key that a newer version needs is added beside them."""
    path = tmp_path / "deep" / "keys.json"
    keys = kept_keys(path)

    assert kept_keys(path) == keys
    assert len(set(keys.values())) == len(keys)
    if os.name != "nt":
        assert path.stat().st_mode & 0o077 == 0
    path.write_text('{"SESAME_INDEX_KEY": "kept"}')
    assert kept_keys(path)["SESAME_INDEX_KEY"] == "kept"
    assert set(kept_keys(path)) == set(keys)


def test_the_callers_settings_win() -> None:
    """SESAME_ variables of the caller reach the service; queue triggers follow the same store."""
    caller = {"SESAME_TRUSTED_HOPS": "1", "SESAME_STORAGE_CONNECTION": "theirs", "PATH": "/bin"}
    made = service_environment(caller, Ports.usual(1), fresh_keys(), "ours")

    assert made["SESAME_TRUSTED_HOPS"] == "1"
    assert made["SESAME_STORAGE_CONNECTION"] == made["AzureWebJobsStorage"] == "theirs"
    assert made["SESAME_ACS_ENDPOINT"] == "http://127.0.0.1:8025"


def test_no_two_parts_share_a_port() -> None:
    """The fixed ports and the moved ones are all different, for as many instances as may be asked for."""
    for ports in (Ports.usual(MOST_INSTANCES), Ports.moved(20000, MOST_INSTANCES), Ports.free(3)):
        numbers = list(ports.named().values())
        assert len(set(numbers)) == len(numbers)
