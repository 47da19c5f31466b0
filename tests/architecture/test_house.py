"""The house rules that a reader relies on: sizes, names, one app, settings of the checks, and docstrings in tests."""

import ast
import configparser
import re
import tomllib

import pytest

from tests.architecture.tree import EVERYTHING, ROOT, named, parsed, python_files

MOST_LINES = 250
MOST_TEST_LINES = 400
"""A file of tests is a list of rules: one looks a rule up and does not read it through."""

DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "lib", "base_utils", "stuff"}


def test_files_are_short_or_say_why_not() -> None:
    """250 lines; a longer one has a sentence at its top that begins with "Long:"."""
    for path in python_files(*EVERYTHING):
        lines = len(path.read_text("utf-8").splitlines())
        most = MOST_TEST_LINES if named(path).startswith("tests/") else MOST_LINES
        assert lines <= most or "Long:" in (ast.get_docstring(parsed(path)) or ""), f"{named(path)}: {lines} lines"


def test_nothing_is_put_in_a_drawer() -> None:
    """A name says what is inside: no utils, no helpers, no common."""
    for path in python_files(*EVERYTHING):
        parts = {part.removesuffix(".py").strip("_") for part in path.relative_to(ROOT).parts}
        assert not parts & DRAWERS, named(path)


def test_every_module_of_the_product_says_what_lives_here() -> None:
    """One sentence at the top; a package's `__init__` may be silent where its name says it."""
    for path in python_files("functions", "shared", "local"):
        if path.name != "__init__.py":
            assert ast.get_docstring(parsed(path)), named(path)


def test_every_test_states_its_rule() -> None:
    """A docstring in each test, wherever it stands."""
    silent = [
        f"{named(path)}::{node.name}"
        for path in python_files("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_test_replaces_parts_of_the_product() -> None:
    """Fakes, not mocks: nothing imports unittest.mock."""
    for path in python_files("tests"):
        names = {node.module for node in ast.walk(parsed(path)) if isinstance(node, ast.ImportFrom) and node.module}
        assert not {name for name in names if name.startswith(("unittest.mock", "mock"))}, named(path)


@pytest.mark.parametrize("name", ["pyproject.toml", "setup.py", "setup.cfg", "Makefile", "tox.ini"])
def test_what_must_not_stand_at_the_root(name: str) -> None:
    """Azd would prefer pyproject.toml to requirements.txt and run `pip install .`; `./sesame` is the only way in."""
    assert not (ROOT / name).exists()


def test_the_checks_are_as_strict_as_they_are_said_to_be() -> None:
    """Ruff ALL with a reason for each exception, mypy strict over the product, warnings as errors."""
    ruff = tomllib.loads((ROOT / "ruff.toml").read_text("utf-8"))
    assert ruff["lint"]["select"] == ["ALL"]
    ignored = re.search(r"ignore = \[\n(.*?)\n\]", (ROOT / "ruff.toml").read_text("utf-8"), re.DOTALL)
    assert ignored is not None
    assert all("#" in line for line in ignored[1].splitlines())
    mypy = configparser.ConfigParser()
    mypy.read(ROOT / "mypy.ini")
    assert mypy["mypy"].getboolean("strict")
    assert {"function_app.py", "functions", "shared", "local"} <= set(mypy["mypy"]["files"].split(", "))
    tests = configparser.ConfigParser()
    tests.read(ROOT / "pytest.ini")
    assert tests["pytest"]["filterwarnings"].split() == ["error"]
    assert "--strict-markers" in tests["pytest"]["addopts"]


def test_every_escape_from_a_check_says_why() -> None:
    """`noqa` and `type: ignore` name their rule; in the service they name their reason as well."""
    bare = re.compile(r"#\s*(noqa|type:\s*ignore)\s*(?!:?\s*[\[:])")
    unexplained = re.compile(r"#\s*noqa: [A-Z0-9, ]+$")
    for path in python_files(*EVERYTHING):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            assert not bare.search(line) or "re.compile" in line, f"{named(path)}:{number}"
            if named(path).startswith("shared/"):
                assert not unexplained.search(line), f"{named(path)}:{number}"


def test_shipped_requirements_are_locked() -> None:
    """Every line of the lock has a hash, and no line names a registry."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        for pinned in re.findall(r"^[a-z0-9][^\n]*==[^\n]*(?:\n[^\n]+)*", text, re.MULTILINE):
            assert "--hash=sha256:" in pinned
