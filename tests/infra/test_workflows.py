"""The GitHub workflows: valid, with minimal permissions, and passing every parameter."""

import re
from pathlib import Path

import pytest
import yaml

from local.bicep import VERSION
from local.setup.locks import DEPLOYED
from local.stack.parts import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
LOOKED_UP = {"AZURE_PRINCIPAL_ID", "BUDGET_START", "EMAIL_DOMAIN_EXISTS", "RECOVER_KEY_VAULT"}
"""Azd gets the principal id from its token; operate/hooks/preprovision.py looks up the others."""


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_minimal_permissions_and_known_actions(path: Path) -> None:
    """It can only read the repository, except that the deployment requests a token. Actions have versions."""
    text = path.read_text("utf-8")
    workflow = yaml.safe_load(text)
    rights = {"contents": "read"} | ({"id-token": "write"} if path.stem == "azure-dev" else {})

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
            # An expression inside a script allows command injection by text that an outsider writes, such as a branch
            # name.
            assert "${{ github" not in step.get("run", "")


def test_azds_workflow_deploys_by_hand_only_and_passes_every_parameter() -> None:
    """A variable that the workflow leaves out would silently fall back to its default. A pull request only previews."""
    wanted = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "infra" / "main.parameters.json").read_text("utf-8")))
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "azure-dev.yml").read_text("utf-8"))
    project = yaml.safe_load((ROOT / "azure.yaml").read_text("utf-8"))
    own = {name for name in wanted - LOOKED_UP if not name.startswith("AZURE_")}
    runs = {job: [step.get("run", "") for step in given["steps"]] for job, given in workflow["jobs"].items()}

    assert wanted - LOOKED_UP <= set(workflow["env"])
    assert set(project["pipeline"]["variables"]) == own
    assert set(workflow[True]) == {"workflow_dispatch", "pull_request"}  # YAML reads `on` as true
    assert workflow["jobs"]["deploy"]["if"] == "github.event_name == 'workflow_dispatch'"
    assert runs["deploy"][-2:] == ["azd provision --no-prompt", "azd deploy --no-prompt"]
    assert [run for run in runs["preview"] if "azd" in run and "auth" not in run] == [
        "azd provision --preview --no-prompt"
    ]
    assert workflow["jobs"]["preview"]["env"] == {"SESAME_PREVIEW": "true"}
    assert "head.repo.full_name == github.repository" in workflow["jobs"]["preview"]["if"]


def test_ci_runs_the_full_test_command_on_every_supported_python() -> None:
    """One command, on the Python versions of the lock files, with the Bicep compiler that the command asks for."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    commands = [step.get("run", "") for step in workflow["jobs"]["test"]["steps"]]

    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert commands[-1].endswith("python sesame test")
    assert f"az bicep install --version v{VERSION}\n" in commands[-2]
    for path in WORKFLOWS:
        assert set(re.findall(r"bicep install --version v(\S+)", path.read_text("utf-8"))) <= {VERSION}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("infra/app/api.bicep", f"version: '{DEPLOYED}'"),
        (".github/workflows/ci.yml", f"            {DEPLOYED}\n"),
        (".github/workflows/azure-dev.yml", f'python-version: "{DEPLOYED}"'),
        (".devcontainer/devcontainer.json", f"python:{DEPLOYED}"),
    ],
)
def test_azure_and_the_workflows_use_the_python_that_what_ships_is_locked_for(path: str, line: str) -> None:
    """The package is built for the version in the template. The locked packages run on no other version."""
    assert line in (ROOT / path).read_text("utf-8")
