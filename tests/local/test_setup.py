"""`./sesame` itself: its output, which steps it repeats, what it refuses."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from local.file_lock import FileLock
from local.setup import stamps, stored_data, verbs
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


@pytest.mark.parametrize(
    "command",
    ["run", "test", "check", "bench", "clean-data", "add-person", "backup", "lose-tables", "lock", "openapi",
     "func-settings", "check-directory"],
)  # fmt: skip
def test_help_lists_every_sesame_command(command: str) -> None:
    """A newcomer finds all commands with `./sesame --help`."""
    assert f"\n  {command} " in sesame("--help").stdout


def test_an_unknown_sesame_command_is_refused_by_name() -> None:
    """Exit code 2, and the message repeats the command."""
    unknown = sesame("fly")
    assert unknown.returncode == 2
    assert "fly" in unknown.stderr


@pytest.mark.parametrize(
    ("version", "recent"),
    [("v20.19.0", True), ("v20.18.9", False), ("v22.11.0", False), ("v22.12.0", True), ("v21.7.3", False),
     ("v24.1.0", True), ("v18.20.0", False), ("", False)],
)  # fmt: skip
def test_the_supported_node_versions_are_recognised(version: str, recent: bool) -> None:
    """20.19, or 22.12 and later. Vite does not support the versions between them."""
    assert is_recent(version) is recent


def test_a_setup_step_is_repeated_only_when_its_inputs_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stamp records the inputs. An interrupted step counts as not done."""
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


def test_a_failed_setup_step_shows_the_end_of_its_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to search for a log file."""
    monkeypatch.setattr("local.setup.progress.LOG", tmp_path / "setup.log")
    with pytest.raises(StepFailed, match="the reason"):
        run_step("Trying", [sys.executable, "-c", "import sys; print('the reason'); sys.exit(3)"])


@pytest.mark.parametrize("held", ["run.lock", "data.lock"])
def test_clean_data_refuses_while_the_stack_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str) -> None:
    """Data in use is not deleted. After a stop, only the locks are left."""
    monkeypatch.setattr(stored_data, "DATA", tmp_path)
    (tmp_path / "azurite").mkdir()
    (tmp_path / "keys.json").write_text("{}")
    with FileLock(tmp_path / held) as running:
        assert running.acquire()
        assert stored_data.forget() == 1
        assert (tmp_path / "keys.json").exists()

    assert stored_data.forget() == 0
    assert {path.name for path in tmp_path.iterdir()} == {"run.lock", "data.lock"}


def test_a_file_lock_is_released_when_its_holder_is_killed(tmp_path: Path) -> None:
    """No lock stays behind."""
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


def test_the_local_keys_are_generated_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    """A second start uses the same keys. A key that a newer version needs is added."""
    path = tmp_path / "deep" / "keys.json"
    keys = kept_keys(path)

    assert kept_keys(path) == keys
    assert len(set(keys.values())) == len(keys)
    if os.name != "nt":
        assert path.stat().st_mode & 0o077 == 0
    path.write_text('{"SESAME_INDEX_KEY": "kept"}')
    assert kept_keys(path)["SESAME_INDEX_KEY"] == "kept"
    assert set(kept_keys(path)) == set(keys)


def test_settings_of_the_caller_take_precedence_in_the_local_stack() -> None:
    """SESAME_ variables of the caller reach the service, and queue triggers use the same store."""
    caller = {"SESAME_TRUSTED_HOPS": "1", "SESAME_STORAGE_CONNECTION": "theirs", "PATH": "/bin"}
    made = service_environment(caller, Ports.usual(1), fresh_keys(), "ours")

    assert made["SESAME_TRUSTED_HOPS"] == "1"
    assert made["SESAME_STORAGE_CONNECTION"] == made["AzureWebJobsStorage"] == "theirs"
    assert made["SESAME_ACS_ENDPOINT"] == "http://127.0.0.1:8025"


@pytest.mark.parametrize(
    "ports",
    [Ports.usual(MOST_INSTANCES), Ports.moved(20000, MOST_INSTANCES), Ports.free(3)],
    ids=["default", "moved", "free"],
)
def test_all_parts_of_the_stack_have_different_ports(ports: Ports) -> None:
    """Also with the maximum number of instances."""
    numbers = list(ports.named().values())
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("server", verbs.SERVERS.values(), ids=verbs.SERVERS)
def test_a_missing_directory_server_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, server: ModuleType
) -> None:
    """Nothing is installed unless asked for. Tests need it less: they are skipped, and say the same."""
    monkeypatch.setattr(server, "missing", lambda: True)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(StepFailed, match=server.INSTALL):
        server.prepare(wanted=True, install=False)
    server.prepare(wanted=False, install=False)
