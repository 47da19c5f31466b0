"""Project conventions: file sizes, names, strictness of the checks, and docstrings in tests."""

import ast
import configparser
import re
import tomllib

import pytest

from shared.methods import ALL
from tests.architecture.tree import EVERYTHING, ROOT, named, parsed, python_files

MOST_LINES = 250
MOST_TEST_LINES = 400
"""Test files may be longer: they are lists of rules that a reader looks up one by one."""

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "lib", "base_utils", "stuff"}


def test_python_files_stay_within_their_line_limit() -> None:
    """250 lines, 400 for tests. A longer file explains it in a docstring sentence that begins with "Long:"."""
    too_long = [
        f"{named(path)}: {lines} lines"
        for path in python_files(*EVERYTHING)
        if (lines := len(path.read_text("utf-8").splitlines()))
        > (MOST_TEST_LINES if named(path).startswith("tests/") else MOST_LINES)
        and "Long:" not in (ast.get_docstring(parsed(path)) or "")
    ]
    assert too_long == []


def test_no_module_has_a_vague_name() -> None:
    """A name says what the module contains: no utils, no helpers, no common."""
    vague = [
        named(path)
        for path in python_files(*EVERYTHING)
        if VAGUE_NAMES & {part.removesuffix(".py").strip("_") for part in path.relative_to(ROOT).parts}
    ]
    assert vague == []


def test_every_product_module_has_a_docstring() -> None:
    """One sentence at the top. A package's `__init__` may have none if its name is clear."""
    silent = [
        named(path)
        for path in python_files("functions", "shared", "operate", "local")
        if path.name != "__init__.py" and not ast.get_docstring(parsed(path))
    ]
    assert silent == []


def test_every_test_has_a_docstring() -> None:
    """The docstring states the rule that the test checks."""
    silent = [
        f"{named(path)}::{node.name}"
        for path in python_files("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_test_uses_mocks() -> None:
    """Tests use fakes of the ports; nothing imports unittest.mock."""
    mocking = [
        named(path)
        for path in python_files("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("unittest.mock", "mock"))
    ]
    assert mocking == []


@pytest.mark.parametrize("name", ["pyproject.toml", "setup.py", "setup.cfg", "Makefile", "tox.ini"])
def test_no_competing_build_file_is_at_the_root(name: str) -> None:
    """Azd prefers pyproject.toml to requirements.txt and would run `pip install .`. `./sesame` replaces the others."""
    assert not (ROOT / name).exists()


def test_the_linters_and_type_checker_are_strict() -> None:
    """Ruff selects ALL with a reason for each exception, mypy is strict, and warnings are errors in tests."""
    ruff = tomllib.loads((ROOT / "ruff.toml").read_text("utf-8"))
    assert ruff["lint"]["select"] == ["ALL"]
    ignored = re.search(r"ignore = \[\n(.*?)\n\]", (ROOT / "ruff.toml").read_text("utf-8"), re.DOTALL)
    assert ignored is not None
    assert all("#" in line for line in ignored[1].splitlines())
    mypy = configparser.ConfigParser()
    mypy.read(ROOT / "mypy.ini")
    assert mypy["mypy"].getboolean("strict")
    assert {"function_app.py", "functions", "shared", "operate", "local"} <= set(mypy["mypy"]["files"].split(", "))
    tests = configparser.ConfigParser()
    tests.read(ROOT / "pytest.ini")
    assert tests["pytest"]["filterwarnings"].split() == ["error"]
    assert "--strict-markers" in tests["pytest"]["addopts"]


def test_every_suppressed_check_names_its_rule_and_reason() -> None:
    """`noqa` and `type: ignore` name their rule; in the service they also give the reason."""
    bare = re.compile(r"#\s*(noqa|type:\s*ignore)\s*(?!:?\s*[\[:])")
    unexplained = re.compile(r"#\s*noqa: [A-Z0-9, ]+$")
    for path in python_files(*EVERYTHING):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            assert not bare.search(line) or "re.compile" in line, f"{named(path)}:{number}"
            if named(path).startswith("shared/"):
                assert not unexplained.search(line), f"{named(path)}:{number}"


def test_nothing_but_its_own_file_compares_with_the_name_of_a_method() -> None:
    """Use-cases, triggers and the domain know families of methods. `email` is left out: it is also a channel."""
    names = set(ALL) - {"email"}
    knowing = [
        f"{named(path)}: {node.value}"
        for path in python_files(
            "functions", "shared/usecases", "shared/domain", "shared/validation", "shared/adapters"
        )
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and node.value in names and named(path) != "shared/domain/policy.py"
    ]
    assert knowing == []
