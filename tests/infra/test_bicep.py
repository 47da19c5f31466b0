"""infra/ has no finding that can be made without the compiler. test_planted.py tests each check."""

import subprocess
from pathlib import Path

import pytest

from local.stack.parts import ROOT
from tests.infra.bicep.check import findings
from tests.infra.bicep.resource_types import known_types
from tests.infra.bicep.template import read_all

INFRA = ROOT / "infra"
TYPES = Path(__file__).with_name("types")


def test_the_bicep_templates_have_no_findings() -> None:
    """Checks of syntax, names, properties, role assignments, secrets, settings and agreement with the code."""
    assert [str(finding) for finding in findings(INFRA)] == []


def test_every_declared_resource_type_has_a_description() -> None:
    """Without type data a check would find nothing. There is no data for types that are not declared."""
    declared = {resource.target for template in read_all(INFRA).values() for resource in template.resources.values()}

    assert len(declared) > 25
    assert declared == set(known_types())


def test_the_resource_type_data_stays_small() -> None:
    """Only types and properties in use are stored, so that changes can be reviewed."""
    assert sum(path.stat().st_size for path in TYPES.glob("*.json")) < 300_000


@pytest.mark.parametrize("script", sorted((ROOT / "hooks").glob("*.sh")), ids=lambda path: path.name)
def test_every_hook_is_valid_posix_shell(script: Path) -> None:
    """`sh -n` parses each hook."""
    done = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
