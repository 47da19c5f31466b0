"""What import-linter cannot see: parts of vendors' packages, the standard library, and what an import pulls in."""

import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.tree import DEPLOYED, ROOT, imports, named, python_files


def test_the_service_does_not_know_azure_functions() -> None:
    """Triggers are the only place that knows what runs us."""
    knowing = [
        named(path) for path in python_files("shared") if any(i.startswith("azure.functions") for i in imports(path))
    ]
    assert knowing == []


def test_triggers_know_no_azure_but_functions() -> None:
    """No SDK client is made in a trigger."""
    for path in python_files("functions"):
        azure = {name for name in imports(path) if name.startswith("azure.")}
        assert all(name.startswith("azure.functions") for name in azure), named(path)


@pytest.mark.parametrize("package", ["domain", "ports", "methods", "messages", "usecases"])
def test_rules_stand_on_the_standard_library(package: str) -> None:
    """Nothing from outside, except that words and methods may use what the door gives them."""
    for path in python_files(f"shared/{package}"):
        outside = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names) - {"shared"}
        assert not outside, (named(path), outside)


def test_the_domain_knows_only_itself() -> None:
    """Not even the layers right above it."""
    for path in python_files("shared/domain"):
        ours = {name for name in imports(path) if name.startswith("shared")}
        assert all(name.startswith("shared.domain") for name in ours), named(path)


def test_rules_ask_nobody_for_the_time_or_for_chance() -> None:
    """Both are arguments: no clock, no randomness, no environment in a rule."""
    for path in python_files("shared/domain", "shared/methods", "shared/usecases", "shared/messages", "shared/ports"):
        assert not imports(path) & {"time", "random", "secrets", "uuid", "os", "os.environ"}, named(path)


def test_loading_the_app_loads_no_vendor() -> None:
    """Cold start: a worker that indexes the functions has imported no SDK, no Argon2, no phone numbers."""
    code = "import function_app, sys; print('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    heavy = ("azure.data", "azure.storage", "azure.communication", "azure.identity", "azure.core", "argon2", "aiohttp")
    assert not {name for name in loaded if name.startswith((*heavy, "phonenumbers", "cryptography"))}


def test_no_package_takes_our_top_level_names() -> None:
    """A distribution that ships `shared` or `functions` would win or lose against ours by luck."""
    taken = packages_distributions()
    assert not {"shared", "functions", "function_app", "local", "bench"} & set(taken)


def test_what_is_deployed_imports_what_is_required() -> None:
    """Every distribution behind an import stands in requirements.in: nothing works only because a test needs it."""
    required = {
        line.strip().lower().replace("_", "-")
        for line in (ROOT / "requirements.in").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    }
    distributions = packages_distributions()
    for path in python_files(*DEPLOYED):
        for name in imports(path):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in {"shared", "functions", "azure"}:
                continue
            assert {d.lower().replace("_", "-") for d in distributions[top]} & required, (named(path), name)
