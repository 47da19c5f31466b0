"""The GitHub workflows: well formed, with no more rights than they need, and passing every parameter on."""

import re
from pathlib import Path

import pytest
import yaml

from local.stack.parts import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
GIVEN_BY_AZD = {"AZURE_PRINCIPAL_ID"}
"""Azd asks the token who it is."""


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_few_rights_and_known_actions(path: Path) -> None:
    """It reads the repository; only the deployment may ask for a token; actions have a version; no secret is named."""
    text = path.read_text("utf-8")
    workflow = yaml.safe_load(text)
    rights = {"contents": "read"} | ({"id-token": "write"} if path.stem == "deploy" else {})

    assert workflow["permissions"] == rights
    assert "secrets." not in text
    assert "pull_request_target" not in text
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert "permissions" not in job
        for step in job["steps"]:
            assert re.fullmatch(r"(actions|[Aa]zure)/[a-z-]+@v\d+", step.get("uses", "actions/x@v1"))
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False
            # An expression inside a script is how somebody else's text becomes a command.
            assert "${{ github" not in step.get("run", "")


def test_the_deployment_passes_every_parameter_on() -> None:
    """A variable that azd reads and the workflow leaves out would fall back to its default without a word."""
    wanted = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "infra" / "main.parameters.json").read_text("utf-8")))
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy.yml").read_text("utf-8"))
    project = yaml.safe_load((ROOT / "azure.yaml").read_text("utf-8"))
    own = {name for name in wanted if not name.startswith("AZURE_")}

    assert wanted - GIVEN_BY_AZD <= set(workflow["jobs"]["deploy"]["env"])
    assert set(project["pipeline"]["variables"]) == own


def test_ci_runs_what_everybody_runs_on_every_python() -> None:
    """One command, on the Pythons that the locks are made for, and the real compiler beside it."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))

    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert any(step.get("run") == "python sesame test" for step in workflow["jobs"]["test"]["steps"])
    assert any("lint infra/main.bicep" in step.get("run", "") for step in workflow["jobs"]["bicep"]["steps"])
