"""The templates: Microsoft's compiler has nothing to say, and our rules hold in every configuration."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from local import bicep
from local.stack.parts import ROOT
from operate.hooks.environment import parameters
from tests.infra.deployment import CALLS, CONFIGURATIONS, Bicep, Refused
from tests.infra.plants import ALL
from tests.infra.rules import RULES
from tests.infra.tables import GLOBAL
from tests.test_settings import NOT_ORIGINS


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    """A copy of infra/, for the parameter files that an evaluation needs."""
    return shutil.copytree(ROOT / "infra", tmp_path / "infra")


def findings(compiler: Bicep, infra: Path, configuration: str) -> list[str]:
    """Return what the compiler says, or else our rules, or else the difference that a second run makes."""
    settings = CONFIGURATIONS[configuration]
    try:
        template = compiler.compile(infra)
        first, second = (compiler.evaluate(infra, settings, template, run) for run in ("first", "second"))
    except Refused as refused:
        return str(refused).splitlines()
    found = [f"{rule.__name__}: {finding}" for rule in RULES for finding in rule(first)]
    return found + (["a second run changes the deployment"] if first.text != second.text else [])


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_a_configuration_compiles_without_a_warning_and_obeys_every_rule(
    compiler: Bicep, infra: Path, configuration: str
) -> None:
    """Including a second run with the same values."""
    assert findings(compiler, infra, configuration) == []


@pytest.mark.parametrize("mistake", ALL, ids=lambda mistake: f"{mistake[3]}-{mistake[2][:30]}")
def test_a_mistake_in_the_templates_is_refused(compiler: Bicep, infra: Path, mistake: tuple[str, ...]) -> None:
    """The compiler or a rule says what is wrong, in the configuration that has everything."""
    file, sound, spoilt, says = mistake
    text = (infra / file).read_text("utf-8")
    assert sound in text
    (infra / file).write_text(text.replace(sound, spoilt), "utf-8")

    assert says in "\n".join(findings(compiler, infra, "everything"))


def test_the_check_fails_on_a_warning(
    compiler: Bicep, infra: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    """`./sesame check` builds and lints with the same compiler."""
    monkeypatch.setattr(bicep, "MAIN", infra / "main.bicep")
    page = infra / "app" / "web.bicep"
    page.write_text(page.read_text("utf-8") + "\nvar unused = 1\n", "utf-8")

    assert bicep.main() == 1
    assert "no-unused-vars" in capfd.readouterr().out


@pytest.mark.parametrize("origin", [*NOT_ORIGINS, "http://a.example"])
def test_the_deployment_refuses_the_origins_that_the_service_refuses(compiler: Bicep, infra: Path, origin: str) -> None:
    """Otherwise the deployment would succeed, and the service would not answer."""
    template = compiler.compile(infra)

    with pytest.raises(Refused, match="is not an origin"):
        compiler.evaluate(infra, {"MORE_WEB_ORIGINS": origin}, template, "first")


def test_two_environments_share_no_name_that_must_be_unique_in_azure(compiler: Bicep, infra: Path) -> None:
    """Nor do two regions of one environment."""
    places = [CALLS, CALLS | {"AZURE_ENV_NAME": "test"}, CALLS | {"AZURE_LOCATION": "eastus2"}]  # with every resource
    template = compiler.compile(infra)
    evaluated = [compiler.evaluate(infra, place, template, "first") for place in places]
    found = [resource["name"] for deployment in evaluated for kind in GLOBAL for resource in deployment.of(kind)]

    assert len(set(found)) == len(found) == len(places) * len(GLOBAL)


def test_the_hooks_know_each_parameter_as_the_compiler_does(compiler: Bicep) -> None:
    """Its type, and which values are allowed, read from the same file without a compiler."""
    given = json.loads((ROOT / "infra" / "main.parameters.json").read_text("utf-8"))["parameters"]
    compiled = {}
    for name, parameter in compiler.compile(ROOT / "infra")["parameters"].items():
        bounds = [parameter.get(f"{way}Value", parameter.get(f"{way}Length")) for way in ("min", "max")]
        variable = re.findall(r"\$\{(\w+)", given[name]["value"])[0]
        compiled[variable] = (parameter["type"], tuple(parameter.get("allowedValues", ())), *bounds)

    assert {found.variable: (found.type, found.allowed, found.least, found.most) for found in parameters()} == compiled
