"""The steps around `azd deploy` of the service: its packages before, its answer after."""

import threading
import venv
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from operate.hooks.ready import names_of_functions
from tests.operate.desk import OUTPUTS, Desk, checkout_in, desk_in, ended_in_a_sentence
from tests.registered import FUNCTIONS


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_in(tmp_path)


NO_HTTP, REDIRECTED = 0, 302


class Service(BaseHTTPRequestHandler):
    """Answers with these statuses one after another, and then with the last one."""

    statuses: list[int]

    def do_GET(self) -> None:
        assert self.path == "/api/v1/health/ready"
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == NO_HTTP:
            self.wfile.write(b"\x16\x03\x01 not HTTP\r\n")
        elif status == REDIRECTED:
            self.send_response(302)
            self.send_header("Location", "http://[half an address")
            self.end_headers()
        else:
            self.send_response(status)
            self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_deployment_succeeds_once_the_service_answers(desk: Desk, service: str) -> None:
    """The first answers after a deployment can be those of the platform."""
    Service.statuses = [404, NO_HTTP, REDIRECTED, 503, 200]

    done = desk.hook("postdeploy", "api", **OUTPUTS | {"API_BASE_URL": service}, SESAME_HOOK_TRIES="5")

    assert (done.returncode, done.stderr) == (0, "")
    assert "is ready" in done.stdout


@pytest.mark.parametrize(
    ("azure", "says"),
    [
        ({"syncs": 2}, ""),
        ({"syncs": 9}, "does not run activation_open"),
        ({"off": "remind"}, "does not run remind."),
        ({"refuses": [["/functions?", 9, "Forbidden"]]}, "cannot be counted"),
        ({"refuses": [["/functions?", 1, "Gateway timeout"]]}, ""),
    ],
    ids=["listed late", "never listed", "left out", "no right", "a moment"],
)
def test_a_deployment_succeeds_once_azure_lists_every_function(
    desk: Desk, service: str, azure: dict[str, object], says: str
) -> None:
    """One that is not listed starts for no message and at no time, while the service looks sound."""
    Service.statuses = [200]
    desk.azure(**azure)

    done = desk.hook("postdeploy", "api", **OUTPUTS | {"API_BASE_URL": service})

    assert says in ended_in_a_sentence(done) if says else done.returncode == 0, done.stderr


def test_the_functions_that_a_deployment_counts_are_those_of_the_app() -> None:
    """They are read from the source, because the hooks run without the app's packages."""
    assert sorted(names_of_functions()) == sorted(FUNCTIONS)


@pytest.mark.parametrize("status", [404, 503])
def test_a_service_that_never_gets_ready_fails_the_deployment(desk: Desk, service: str, status: int) -> None:
    """An app whose functions cannot be imported answers 404 to everything, and azd would call it deployed."""
    Service.statuses = [status]

    assert f"says {status}" in ended_in_a_sentence(desk.hook("postdeploy", "api", API_BASE_URL=service))


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "http://127.0.0.1:1"])
def test_a_service_that_nobody_can_reach_fails_the_deployment(desk: Desk, address: str) -> None:
    """Whatever the address is."""
    ended_in_a_sentence(desk.hook("postdeploy", "api", API_BASE_URL=address))


@pytest.mark.parametrize(
    ("lock", "says"),
    [
        ("six==1.17.0 --hash=sha256:" + "0" * 64 + "\n", "cannot be installed"),
        ("six==1.17.0\n", "cannot be installed"),
        ("# six==1.17.0\n", ""),
    ],
)
def test_packages_that_are_not_those_of_the_lock_are_not_packed(desk: Desk, lock: str, says: str) -> None:
    """Another hash, or none. What an earlier run installed stays out of the way of a run that succeeds."""
    desk.project = checkout_in(desk.folder / "checkout")
    (desk.project / "requirements.txt").write_text(lock, "utf-8")
    old = desk.project / ".python_packages" / "lib" / "site-packages" / "old.py"
    old.parent.mkdir(parents=True)
    old.touch()

    done = desk.hook("prepackage", "api")

    assert old.exists() is bool(says)
    assert says in ended_in_a_sentence(done) if says else done.returncode == 0
    assert [path.name for path in desk.project.iterdir() if path.name.startswith(".python_packages-")] == []


@pytest.mark.parametrize("whole", [True, False])
def test_a_python_without_pip_gets_one_or_is_named(desk: Desk, whole: bool) -> None:
    """Debian's has neither pip nor the means to get it, until a package is installed."""
    desk.project = checkout_in(desk.folder / "checkout")
    (desk.project / "requirements.txt").touch()
    venv.create(desk.folder / "bare")
    bare = desk.folder / "bare" / "bin" / "python"
    (desk.folder / "bin" / "python3").write_text(f'#!/bin/sh\nexec "{bare}" "$@"\n', "utf-8")
    if not whole:
        site = next((desk.folder / "bare" / "lib").glob("python3*/site-packages"))
        (site / "sitecustomize.py").write_text("import sys\nsys.modules['venv'] = None\n", "utf-8")

    done = desk.hook("prepackage", "api", TMPDIR=str(desk.folder))

    assert done.returncode == 0 if whole else "has no pip" in ended_in_a_sentence(done)
