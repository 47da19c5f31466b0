"""Import rules that import-linter cannot check: vendors' subpackages, the standard library, transitive imports."""

import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.tree import DEPLOYED, ROOT, imports, named, python_files


def test_the_service_does_not_import_azure_functions() -> None:
    """Only the triggers know the platform."""
    knowing = [
        named(path) for path in python_files("shared") if any(i.startswith("azure.functions") for i in imports(path))
    ]
    assert knowing == []


def test_triggers_import_no_azure_sdk() -> None:
    """No SDK client is created in a trigger."""
    found = [
        (named(path), name)
        for path in python_files("functions")
        for name in imports(path)
        if name.startswith("azure.") and not name.startswith("azure.functions")
    ]
    assert found == []


@pytest.mark.parametrize("package", ["domain", "ports", "messages", "usecases"])
def test_inner_layers_import_only_the_standard_library(package: str) -> None:
    """Only shared/validation, adapters and methods may import a library, and texts import ICU and anyascii."""
    found = [
        (named(path), name)
        for path in python_files(f"shared/{package}")
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names | {"shared"}
    ]
    of_texts = {("shared/messages/catalogue.py", "icu4py"), ("shared/messages/gsm7.py", "anyascii")}
    assert [(path, name) for path, name in found if (path, name.split(".")[0]) not in of_texts] == []


def test_the_domain_imports_only_itself() -> None:
    """It imports not even the layers directly above it."""
    found = [
        (named(path), name)
        for path in python_files("shared/domain")
        for name in imports(path)
        if name.startswith("shared") and not name.startswith("shared.domain")
    ]
    assert found == []


def test_inner_layers_use_no_clock_randomness_or_environment() -> None:
    """They are passed in as arguments, so that rules can be tested at any time and with any value."""
    inner = ("shared/domain", "shared/methods", "shared/usecases", "shared/messages", "shared/ports")
    forbidden = {"time", "random", "secrets", "uuid", "os", "os.environ"}
    assert [(named(path), name) for path in python_files(*inner) for name in imports(path) & forbidden] == []


def test_importing_the_app_imports_no_vendor_sdk_and_no_use_case() -> None:
    """For a fast cold start: the first request imports what it needs, and only that (docs/performance.md)."""
    code = "import function_app, sys; print('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    sdks = ("azure.data", "azure.storage", "azure.communication", "azure.identity", "azure.core", "aiohttp")
    late = (
        *sdks,
        "argon2",
        "ldap3",
        "pyasn1",
        "phonenumbers",
        "cryptography",
        "icu4py",
        "shared.usecases",
        "shared.adapters.azure",
    )
    assert not {name for name in loaded if name.startswith(late)}


def test_no_installed_package_has_our_top_level_names() -> None:
    """If another distribution had a package `shared` or `functions`, the import path would decide which is used."""
    taken = packages_distributions()
    assert not {"shared", "functions", "function_app", "operate", "local", "bench"} & set(taken)


def test_every_imported_distribution_is_in_requirements() -> None:
    """Otherwise deployed code would depend on a package that only a test installs."""
    required = {
        line.strip().lower().replace("_", "-")
        for line in (ROOT / "requirements" / "shipped.in").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    }
    distributions = packages_distributions()
    for path in python_files(*DEPLOYED):
        for name in imports(path):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in {"shared", "functions", "azure"}:
                continue
            assert {d.lower().replace("_", "-") for d in distributions[top]} & required, (named(path), name)
