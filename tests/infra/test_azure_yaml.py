"""azure.yaml is valid for azd and refers to existing files. Deliberate mistakes test the check."""

import shutil
from pathlib import Path

import pytest

from local.stack.parts import ROOT
from tests.infra.azd_project import findings

MISTAKES = [
    ("host: function", "host: functions", "'functions' is not one of"),
    ("language: python", "language: pyhton", "'pyhton' is not one of"),
    ("remoteBuild: false", "remoteBuild: true", "False was expected"),
    ("    dist: dist\n", "    dest: dist\n", "'dest' was unexpected"),
    ("  postprovision:\n", "  postprovison:\n", "'postprovison' was unexpected"),
    ("name: sesame\n", "name: Sesame\n", "does not match"),
    ("project: ./web", "project: ./wep", "no folder ./wep"),
    ("  api:\n", "  apy:\n", "azd-service-name: apy"),
    ("sh ./operate/hooks/run.sh preprovision", "sh ./operate/hooks/runs.sh preprovision", "no script"),
    ("run.ps1 postprovision", "run.ps1 postprovisions", "has no step postprovisions"),
    ("sh ./operate/hooks/run.sh preprovision", "./operate/hooks/run.sh", "without quotation marks"),
    ("    - SMS_SENDERS\n", "    - SMS_FROM\n", "does not read SMS_FROM"),
    ("      - azd: provision\n", "      - azd: package\n", "was expected"),
    ("    host: staticwebapp\n", "    host: [staticwebapp\n", "expected"),
]


def test_azure_yaml_has_no_findings() -> None:
    """Schema, folders, scripts, tags and variables."""
    assert findings(ROOT) == []


@pytest.mark.parametrize(("sound", "spoilt", "says"), MISTAKES, ids=[spoilt.strip() for _, spoilt, _ in MISTAKES])
def test_a_mistake_in_azure_yaml_is_found_at_its_line(sound: str, spoilt: str, says: str, tmp_path: Path) -> None:
    """One line of difference is allowed, because the YAML parser can be off by one."""
    for folder in ("infra", "operate"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "web").mkdir()
    text = (ROOT / "azure.yaml").read_text("utf-8")
    assert sound in text
    before, _, _ = text.partition(sound)
    (tmp_path / "azure.yaml").write_text(text.replace(sound, spoilt, 1), "utf-8")

    found = findings(tmp_path)

    lines = [int(finding.split(":")[1]) for finding in found if says in finding]
    assert lines, found
    assert min(abs(line - before.count("\n") - 1) for line in lines) <= 2
