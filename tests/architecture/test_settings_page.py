"""docs/settings.md lists every variable and every policy setting, with the default and the bounds of the code.

`python -m tests.architecture.test_settings_page` prints the table of policy settings, to paste after a change.
"""

import re
from dataclasses import Field, fields
from typing import Any

from shared.domain.policy import Policy
from tests.architecture.tree import ROOT, python_files

PAGE = ROOT / "docs" / "settings.md"
VARIABLE = re.compile(r"SESAME_[A-Z][A-Z_]*[A-Z]")


def shown(value: object) -> str:
    """Return a default as the table shows it."""
    match value:
        case bool():
            return str(value).lower()
        case tuple():
            return ", ".join(value) or "none"
        case _:
            return str(value)


def row(knob: Field[Any]) -> str:
    """Return one line of the table."""
    bounds = f"{knob.metadata['low']} to {knob.metadata['high']}" if "low" in knob.metadata else "-"
    return f"| `{knob.name}` | {shown(knob.default)} | {bounds} | {knob.metadata['what']} |"


def test_every_policy_setting_is_documented_with_its_default_and_bounds() -> None:
    """A change of a default, bound or meaning must change the page."""
    lines = PAGE.read_text("utf-8").splitlines()
    missing = [row(knob) for knob in fields(Policy) if row(knob) not in lines]
    assert missing == []


def test_no_removed_policy_setting_is_documented() -> None:
    """Operators rely on the page."""
    listed = set(re.findall(r"^\| `([a-z_0-9]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE))
    assert listed == {knob.name for knob in fields(Policy)}


def test_every_environment_variable_is_documented() -> None:
    """The page lists exactly the variables that the product, the local stack or a binding reads."""
    read = set()
    for path in python_files("shared", "functions", "operate", "local"):
        read |= set(VARIABLE.findall(path.read_text("utf-8")))
    read |= set(VARIABLE.findall((ROOT / "local.settings.sample.json").read_text("utf-8")))
    page = PAGE.read_text("utf-8")
    described = set(re.findall(r"^\| `(SESAME_[A-Z_]+)` \|", page, re.MULTILINE))
    assert described == read


if __name__ == "__main__":
    print("| Setting | Default | Bounds | What it is |\n|---|---|---|---|")
    print("\n".join(map(row, fields(Policy))))
