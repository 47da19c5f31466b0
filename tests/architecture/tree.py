"""The project's files as in a clone, without installed, built or local ones."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DEPLOYED = ("functions", "shared")
EVERYTHING = (*DEPLOYED, "operate", "local", "bench", "samples", "tests")


def python_files(*folders: str) -> Iterator[Path]:
    """Return every module in these folders; if all folders are given, also the one at the root."""
    if folders in (EVERYTHING, DEPLOYED):
        yield ROOT / "function_app.py"
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> set[str]:
    """Return every module that the file imports, at any place in it."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found
