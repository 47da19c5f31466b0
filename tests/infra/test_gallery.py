"""What the gallery of azd templates asks of a repository (microsoft/template-validation-action, src/rules.json)."""

import json
import re
from pathlib import Path

import pytest

from local.stack.parts import ROOT


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "LICENSE",
        "SECURITY.md",
        "CODE_OF_CONDUCT.md",
        "CONTRIBUTING.md",
        ".github/ISSUE_TEMPLATE/bug_report.md",
        ".github/workflows/azure-dev.yml",
        "azure.yaml",
        "infra/main.bicep",
    ],
)
def test_the_files_that_the_validator_looks_for_exist(path: str) -> None:
    """Under exactly these names, and not empty."""
    assert (ROOT / path).read_text("utf-8").strip()


@pytest.mark.parametrize("heading", ["Features", "Getting Started", "Guidance", "Resources"])
def test_the_readme_has_the_headings_that_the_validator_looks_for(heading: str) -> None:
    """As second-level headings, literally."""
    assert f"\n## {heading}\n" in (ROOT / "README.md").read_text("utf-8")


def test_the_development_container_has_azd_and_az() -> None:
    """A codespace can deploy without installing anything."""
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))

    assert {name.rsplit("/", 1)[1].partition(":")[0] for name in container["features"]} >= {"azd", "azure-cli", "node"}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/deploy.md"])
def test_a_document_for_newcomers_links_to_files_that_exist(name: str) -> None:
    """And names no step of the hooks that does not exist."""
    text = (ROOT / name).read_text("utf-8")
    links = [target.partition("#")[0] for target in re.findall(r"\]\(([^)]+)\)", text) if "://" not in target]

    assert [target for target in links if target and not (Path(ROOT, name).parent / target).exists()] == []
