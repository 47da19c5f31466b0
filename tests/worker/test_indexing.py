"""The app as Azure sees it: the unpacked package, on the deployed Python, with nothing but what it carries."""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.host.loading import load
from local.host.routes import route_table
from local.stack.environment import DEFAULTS
from local.stack.parts import ROOT
from operate.hooks.keys import KEYS
from tests.infra.test_package import INSTALLED, committed, package_of
from tests.operate.desk import AS_DEPLOYED
from tests.worker.interpreters import run_as_deployed

INDEXER = Path(__file__).with_name("index_with_runtime.py")
pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]  # creating the environment takes long the first time


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What azd packs of a fresh checkout after its hook has installed the packages, in an empty folder."""
    checkout, target = tmp_path_factory.mktemp("check out"), tmp_path_factory.mktemp("package")
    for name in committed():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, checkout / name)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SESAME_", "VIRTUAL_ENV"))}
    hook = ["sh", "operate/hooks/run.sh", "package"]
    done = subprocess.run(hook, cwd=checkout, env=clean, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for name in package_of(checkout):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(checkout / name, target / name)
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


def test_the_worker_indexes_the_same_functions_as_the_local_host_and_they_answer(unpacked: Path) -> None:
    """Functions, routes, methods, levels and bindings; an answer needs the packages that are loaded late too."""
    keys = {name: f"{first}{base64.b64encode(os.urandom(32)).decode()}" for name, first in KEYS.values()}
    settings = DEFAULTS | AS_DEPLOYED | keys
    said = run_as_deployed(INDEXER, "health_live", "openapi_document", folder=unpacked, **settings).splitlines()[-1]
    found = json.loads(said)

    assert comparable(found["bindings"]) == comparable(local_view())
    assert found["bindings"]
    assert found["answers"]["health_live"] == '200 {"status":"ok"}'
    assert found["answers"]["openapi_document"].startswith('200 {"')


def test_every_module_of_the_package_can_be_imported(unpacked: Path) -> None:
    """Lazily imported packages must be in requirements.txt too."""
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in package_of(unpacked)
        if name.endswith(".py") and not name.startswith(INSTALLED)
    )
    imports = "".join(f"importlib.import_module({name!r})\n" for name in modules)
    path = f"import importlib, sys\nsys.path[:0] = ['.', '{INSTALLED}lib/site-packages']\n"

    run_as_deployed("-c", path + imports, folder=unpacked)

    assert len(modules) > 50
