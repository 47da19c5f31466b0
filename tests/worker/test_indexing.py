"""The app as Azure sees it: the unpacked package, on the deployed Python, with the packages that ship and no others."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from local.host.loading import load
from local.host.routes import route_table
from local.stack.environment import DEFAULTS
from local.stack.parts import ROOT
from tests.infra.test_package import package_of
from tests.worker.interpreters import run_as_deployed

INDEXER = Path(__file__).with_name("index_with_runtime.py")
pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]  # creating the environment takes long the first time


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, unpacked into an empty folder."""
    target = tmp_path_factory.mktemp("package")
    for name in package_of(ROOT):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target / name)
    return target


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


def comparable(view: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    """Return names with bindings (routes, methods, levels, queues, schedules) in a fixed order."""
    return {
        name: sorted(json.dumps(binding, sort_keys=True) for binding in bindings) for name, bindings in view.items()
    }


def test_the_worker_indexes_the_same_functions_as_the_local_host(unpacked: Path) -> None:
    """Functions, routes, methods, levels and bindings are the same for Azure's worker and for the local host."""
    indexed = json.loads(run_as_deployed(INDEXER, folder=unpacked).splitlines()[-1])

    assert comparable(indexed) == comparable(local_view())
    assert indexed


def test_every_module_of_the_package_can_be_imported(unpacked: Path) -> None:
    """Lazily imported packages must be in requirements.txt too."""
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in package_of(ROOT)
        if name.endswith(".py")
    )
    imports = "".join(f"importlib.import_module({name!r})\n" for name in modules)

    run_as_deployed("-c", f"import importlib, sys\nsys.path.insert(0, '.')\n{imports}", folder=unpacked)

    assert len(modules) > 50
