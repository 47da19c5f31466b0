"""infra/ is right as far as a machine without a compiler can tell; each check is proven in test_planted.py."""

import subprocess
from pathlib import Path

import pytest

from local.stack.parts import ROOT
from tests.infra.bicep.check import findings
from tests.infra.bicep.resource_types import known_types
from tests.infra.bicep.template import read_all

INFRA = ROOT / "infra"
TYPES = Path(__file__).with_name("types")


def test_nothing_is_wrong_with_the_templates() -> None:
    """No check of syntax, names, properties, rights, secrets, settings or agreement finds anything."""
    assert [str(finding) for finding in findings(INFRA)] == []


def test_every_resource_is_held_against_a_description() -> None:
    """A check that is not applied finds nothing: every declared type has data, and all data is of a declared type."""
    declared = {resource.target for template in read_all(INFRA).values() for resource in template.resources.values()}

    assert len(declared) > 25
    assert declared == set(known_types())


def test_the_type_data_stays_small() -> None:
    """Only what is used is kept, so that a person can read a change to it."""
    assert sum(path.stat().st_size for path in TYPES.glob("*.json")) < 300_000


@pytest.mark.parametrize("script", sorted((ROOT / "hooks").glob("*.sh")), ids=lambda path: path.name)
def test_a_hook_is_readable_by_a_posix_shell(script: Path) -> None:
    """`sh -n` reads every hook."""
    done = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
