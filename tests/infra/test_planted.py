"""Tests each Bicep check: a deliberate mistake in a copy of infra/ is found at its file and line."""

import shutil
from pathlib import Path

import pytest

from local.stack.parts import ROOT
from tests.infra.bicep.check import findings
from tests.infra.plants import ALL, PARAMETERS, Plant


def plant_in(copy: Path, plant: Plant) -> tuple[str, int]:
    """Insert the mistake; return the file and line that a finding must name."""
    path = copy / plant.file
    sound = path.read_text("utf-8")
    assert plant.old in sound, f"{plant.old!r} is no longer in {plant.file}"
    spoilt = sound.replace(plant.old, plant.new, 1)
    path.write_text(spoilt, "utf-8")
    if plant.at is not None:
        named = "main.bicep" if plant.file == PARAMETERS else plant.file
        before, _, _ = (copy / named).read_text("utf-8").partition(plant.at)
        return named, before.count("\n") + plant.at.count("\n") + 1
    pairs = zip(sound.splitlines(), spoilt.splitlines(), strict=False)
    return plant.file, next((number for number, (old, new) in enumerate(pairs, 1) if old != new), 1)


@pytest.mark.parametrize("plant", ALL, ids=lambda plant: plant.what)
def test_a_mistake_in_the_templates_is_found_at_its_line(plant: Plant, tmp_path: Path) -> None:
    """The finding names the file and the line, and says what is wrong."""
    copy = tmp_path / "infra"
    shutil.copytree(ROOT / "infra", copy)
    path, line = plant_in(copy, plant)

    found = findings(copy)

    assert any(
        finding.path == path and abs(finding.line - line) <= 1 and plant.says in finding.message for finding in found
    ), f"expected {path}:{line}: ...{plant.says}...; found:\n" + "\n".join(map(str, found))
