"""The app as Azure sees it: indexed by Microsoft's worker library, with the packages that ship and no others."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local.host.loading import load
from local.host.routes import route_table
from local.stack.environment import DEFAULTS
from local.stack.parts import ROOT
from tests.worker.interpreters import DEPLOYED, deployed_pythons, environment_of

INDEXER = Path(__file__).with_name("index_with_runtime.py")
pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]  # creating two environments takes long the first time


@pytest.fixture(scope="module")
def local_view() -> dict[str, list[dict[str, Any]]]:
    """Return what the local host finds in the same app."""
    path = list(sys.path)
    # The library indexes an app object only once, and other tests may have done so already: load a new one.
    ours = [name for name in sys.modules if name.split(".")[0] in {"function_app", "functions"}]
    loaded_before = {name: sys.modules.pop(name) for name in ours}
    functions = load(ROOT, DEFAULTS)
    sys.modules.update(loaded_before)
    sys.path[:] = path
    route_table(functions, "api")  # the host's rules about routes apply as well
    return {function.name: [json.loads(text) for text in function.raw_bindings] for function in functions}


def indexed_by(python: Path) -> dict[str, list[dict[str, Any]]]:
    """Return what the worker library finds, in a process without our environment variables."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SESAME_", "PYTHONPATH"))}
    done = subprocess.run(
        [environment_of(python), "-I", INDEXER],
        cwd=ROOT,
        env={**clean, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, list[dict[str, Any]]] = json.loads(done.stdout.splitlines()[-1])
    return found


def comparable(view: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    """Return names with bindings (routes, methods, levels, queues, schedules) in a fixed order."""
    return {
        name: sorted(json.dumps(binding, sort_keys=True) for binding in bindings) for name, bindings in view.items()
    }


def test_the_worker_indexes_the_same_functions_as_the_local_host(local_view: dict[str, list[dict[str, Any]]]) -> None:
    """Functions, routes, methods, levels and bindings are the same for Azure's worker and for the local host."""
    assert comparable(indexed_by(Path(sys.base_prefix) / "bin" / "python3")) == comparable(local_view)
    assert local_view


def test_the_worker_indexes_the_same_functions_on_the_deployed_python(
    local_view: dict[str, list[dict[str, Any]]],
) -> None:
    """Every installed Python of the deployed version gives the same functions."""
    pythons = deployed_pythons()
    if not pythons and not os.environ.get("CI"):
        pytest.skip(f"no Python {DEPLOYED} starts here; install one (pyenv install {DEPLOYED}) to run this")
    assert pythons, f"CI must have a Python {DEPLOYED}"

    for python in pythons:
        assert comparable(indexed_by(python)) == comparable(local_view), python
