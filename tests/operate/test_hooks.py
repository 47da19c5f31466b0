"""The hooks, run with a stand-in for `az` that records its calls.

The PowerShell versions run where pwsh is installed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.stack.parts import ROOT
from shared.settings import settings_from
from tests.infra.tables import SECRETS

HOOKS = ROOT / "operate" / "hooks"
MONTH = datetime.now(UTC).strftime("%Y-%m-01")
AZD = {
    "AZURE_ENV_NAME": "test",
    "AZURE_LOCATION": "westeurope",
    "AZURE_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000000",
    "AZURE_KEY_VAULT_NAME": "kv-test",
    "AZURE_RESOURCE_GROUP": "rg-test",
    "AZURE_FUNCTION_APP_NAME": "func-test",
    "AZURE_STORAGE_ACCOUNT_NAME": "sttest",
    "AZURE_COMMUNICATION_NAME": "acs-test",
    "EMAIL_SERVICE_NAME": "acse-test",
    "EMAIL_SENDER": "DoNotReply@mail.example.org",
    "ACS_ENDPOINT": "https://acs-test.example.org",
    "API_BASE_URL": "https://func-test.example.org",
    "WEB_BASE_URL": "https://web.example.org",
    "SESAME_HOOK_PAUSE": "0",
    "SESAME_HOOK_TRIES": "3",
}
STAND_IN = f"""#!{sys.executable}
import json, os, sys
from pathlib import Path
vault, asked = Path(os.environ["VAULT"]), sys.argv[1:]
with open(os.environ["ASKED"], "a", encoding="utf-8") as log:
    log.write(" ".join(asked) + "\\n")
if asked[:3] == ["keyvault", "secret", "list"]:
    if os.environ.get("REFUSED"):
        sys.exit(1)
    print("\\n".join(sorted(path.name for path in vault.iterdir())))
if asked[:3] == ["keyvault", "secret", "set"]:
    given = Path(asked[asked.index("--file") + 1])
    assert sys.platform == "win32" or given.stat().st_mode & 0o077 == 0, "others could read the key"
    (vault / asked[asked.index("--name") + 1]).write_bytes(given.read_bytes())
if asked[:3] == ["keyvault", "secret", "show"]:
    print((vault / asked[asked.index("--name") + 1]).read_text("utf-8"))
for words, answer in json.loads(os.environ["ANSWERS"]).items():
    if " ".join(asked).startswith(words):
        sys.exit(1) if answer is None else print(answer)
"""

# PowerShell is in no package index. Its versions of the hooks are tested where pwsh is installed, as on the machines of
# the workflow. Elsewhere these tests do not exist, so that nothing is skipped under CI.
shells = pytest.mark.parametrize("kind", ["sh", "ps1"] if shutil.which("pwsh") else ["sh"])


@dataclass
class Desk:
    """A folder with its own `az`, a vault, and a record of all calls."""

    folder: Path
    environment: dict[str, str]

    @property
    def vault(self) -> dict[str, str]:
        return {path.name: path.read_text("utf-8") for path in (self.folder / "vault").iterdir()}

    @property
    def asked(self) -> str:
        log = self.folder / "asked"
        return log.read_text("utf-8") if log.exists() else ""

    def run(self, hook: str, kind: str, **more: str) -> subprocess.CompletedProcess[str]:
        shell = ["sh"] if kind == "sh" else ["pwsh", "-NoProfile", "-File"]
        return subprocess.run(
            [*shell, str(HOOKS / f"{hook}.{kind}")],
            env={**self.environment, **more},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    programs = tmp_path / "bin"
    programs.mkdir()
    (tmp_path / "vault").mkdir()
    for program in ("az", "azd"):
        (programs / program).write_text(STAND_IN, "utf-8")
        (programs / program).chmod(0o755)
    places = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path), "ANSWERS": "{}"}
    return Desk(tmp_path, {**AZD, **places, "VAULT": str(tmp_path / "vault"), "ASKED": str(tmp_path / "asked")})


def settings_of(vault: dict[str, str]) -> dict[str, str]:
    """Return the settings that the app gets: the vault's keys under the names of the templates, and the deployment's
    values.
    """
    return {
        **{setting: vault[key] for setting, key in SECRETS.items()},
        "WEBSITE_SITE_NAME": "func-test",
        "SESAME_STORAGE_ACCOUNT": "sttest",
        "SESAME_ACS_ENDPOINT": AZD["ACS_ENDPOINT"],
        "SESAME_EMAIL_SENDER": AZD["EMAIL_SENDER"],
        "SESAME_SMS_SENDER": "no-number-yet",
        "SESAME_TRUSTED_HOPS": "1",
    }


@pytest.mark.parametrize("script", sorted(HOOKS.glob("*.sh")), ids=lambda script: script.stem)
def test_a_hook_is_posix_shell_and_reads_only_variables_that_azd_sets(script: Path) -> None:
    """The subscription, and outputs and parameters of the templates. The PowerShell version reads the same ones."""
    assert subprocess.call(["sh", "-n", script]) == 0
    main = (ROOT / "infra" / "main.bicep").read_text("utf-8")
    parameters = (ROOT / "infra" / "main.parameters.json").read_text("utf-8")
    given = (
        {"AZURE_SUBSCRIPTION_ID"}
        | set(re.findall(r"^output ([A-Z_]+) ", main, re.MULTILINE))
        | set(re.findall(r"\$\{([A-Z_]+)", parameters))
    )
    asked = set(re.findall(r"\$\{?([A-Z][A-Z_]+)", script.read_text("utf-8")))
    powershell = set(re.findall(r"env:([A-Z][A-Z_]+)", script.with_suffix(".ps1").read_text("utf-8")))

    assert {name for name in asked | powershell if not name.startswith("SESAME_")} <= given
    assert {name for name in asked ^ powershell if not name.startswith("SESAME_")} == set()


NEW, OLD = {"group exists": "false"}, {"group exists": "true"}


@shells
@pytest.mark.parametrize(
    ("answers", "says"),
    [
        (NEW, [f"BUDGET_START {MONTH}", "RECOVER_KEY_VAULT false"]),
        (OLD, [f"BUDGET_START {MONTH}", "RECOVER_KEY_VAULT false"]),
        (OLD | {"rest": "2025-04-01T00:00:00Z"}, ["BUDGET_START 2025-04-01", "RECOVER_KEY_VAULT false"]),
        (NEW | {"keyvault list-deleted": "kv-test"}, ["RECOVER_KEY_VAULT true"]),
        (NEW | {"role assignment list": "/a/1\n/a/2"}, ["delete --ids /a/1 ", "delete --ids /a/2 "]),
    ],
)
def test_the_preprovision_hook_passes_on_what_it_finds(desk: Desk, kind: str, answers: Any, says: list[str]) -> None:
    """A budget keeps its start, and a deleted vault is recovered.

    Of a deleted deployment, the mail domain is not verified any more, and role assignments are removed.
    """
    done = desk.run("preprovision", kind, ANSWERS=json.dumps(answers), EMAIL_DOMAIN_VERIFIED="true")

    assert done.returncode == 0, done.stderr
    assert [words for words in says if words not in desk.asked] == []
    for words in ("role assignment", "EMAIL_DOMAIN_VERIFIED false"):
        assert (words in desk.asked) is (answers["group exists"] == "false")


@shells
@pytest.mark.parametrize("silent", ["group exists", "rest", "keyvault list-deleted", "role assignment list"])
def test_the_preprovision_hook_stops_if_it_gets_no_answer(desk: Desk, kind: str, silent: str) -> None:
    """Otherwise an existing budget or vault would look new. Without a budget, its interface is not called."""
    answers = json.dumps((OLD if silent == "rest" else NEW) | {silent: None})
    done = desk.run("preprovision", kind, ANSWERS=answers)
    without_budget = desk.run("preprovision", kind, ANSWERS=answers, MONTHLY_SPEND="0")

    assert done.returncode != 0
    assert (without_budget.returncode == 0) is (silent == "rest")
    assert "Sign in to the Azure CLI" in done.stdout + done.stderr


@shells
def test_the_keys_hook_generates_five_different_keys_that_the_service_accepts(desk: Desk, kind: str) -> None:
    """shared/settings.py accepts them under the names that the templates use."""
    done = desk.run("keys", kind)

    assert done.returncode == 0, done.stderr
    assert set(desk.vault) == set(SECRETS.values())
    settings = settings_from(settings_of(desk.vault))
    keys = {settings.index_key, *settings.code_keys.values(), *settings.token_keys.values()}
    assert len(keys | {*settings.seal_keys.values(), *settings.peppers.values()}) == len(SECRETS)
    assert "functionapp restart --name func-test" in desk.asked


@shells
def test_the_keys_hook_never_shows_a_key(desk: Desk, kind: str) -> None:
    """No key is printed, passed on a command line, or left in a file."""
    done = desk.run("keys", kind, TMPDIR=str(desk.folder))

    for value in desk.vault.values():
        assert value.removeprefix("1:") not in done.stdout + done.stderr + desk.asked
    assert {path.name for path in desk.folder.iterdir()} <= {"bin", "vault", "asked", ".cache", ".config", ".local"}


@shells
def test_the_keys_hook_never_replaces_or_reads_an_existing_key(desk: Desk, kind: str) -> None:
    """A replaced key would lock everybody out. Only missing keys are generated, and no value is read."""
    desk.run("keys", kind)
    first = desk.vault
    (desk.folder / "vault" / "sesame-peppers").unlink()

    assert desk.run("keys", kind).returncode == 0
    again = desk.vault

    assert {name: again[name] for name in again if name != "sesame-peppers"} == {
        name: value for name, value in first.items() if name != "sesame-peppers"
    }
    assert again["sesame-peppers"] != first["sesame-peppers"]
    assert "secret show" not in desk.asked

    desk.run("keys", kind)
    assert desk.vault == again


@shells
def test_the_keys_hook_generates_nothing_if_the_vault_does_not_answer(desk: Desk, kind: str) -> None:
    """Without an answer, the hook cannot know that the vault is empty."""
    done = desk.run("keys", kind, REFUSED="yes")

    assert done.returncode != 0
    assert desk.vault == {}
    assert desk.asked.count("secret list") == int(AZD["SESAME_HOOK_TRIES"])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the hooks beside a built web app and its settings."""
    project = tmp_path / "project"
    shutil.copytree(HOOKS, project / "operate" / "hooks")
    (project / "web" / "dist").mkdir(parents=True)
    (project / "web" / "dist" / "index.html").write_text("<!doctype html>", "utf-8")
    shutil.copyfile(ROOT / "web" / "staticwebapp.config.json", project / "web" / "staticwebapp.config.json")
    return project


def write_address(desk: Desk, project: Path, kind: str, address: str) -> subprocess.CompletedProcess[str]:
    """Run the web_config hook of a project with this address of the service."""
    shell = ["sh"] if kind == "sh" else ["pwsh", "-NoProfile", "-File"]
    hook = [*shell, str(project / "operate" / "hooks" / f"web_config.{kind}")]
    environment = {**desk.environment, "API_BASE_URL": address}
    return subprocess.run(hook, env=environment, capture_output=True, text=True, check=False)


@shells
@pytest.mark.parametrize(
    "address", ["http://func-test.example.org", "https://a/b", 'https://a" }', "https://", "https://a; script-src *"]
)
def test_the_web_config_hook_refuses_an_address_that_is_not_an_https_origin(
    desk: Desk, project: Path, kind: str, address: str
) -> None:
    """The address goes into JSON and into the content security policy, and must not inject anything into them."""
    assert write_address(desk, project, kind, address).returncode != 0
    assert [path.name for path in (project / "web" / "dist").iterdir()] == ["index.html"]


@shells
def test_the_web_config_hook_writes_nothing_before_the_address_is_known(desk: Desk, project: Path, kind: str) -> None:
    """Azd runs the hook with `azd package` too, before anything is provisioned."""
    assert write_address(desk, project, kind, "").returncode == 0
    assert [path.name for path in (project / "web" / "dist").iterdir()] == ["index.html"]


@shells
def test_the_web_config_hook_writes_the_service_address_into_the_built_web_app(
    desk: Desk, project: Path, kind: str
) -> None:
    """config.json and the content security policy name the same origin. The files in the repository do not change."""
    sound = (project / "web" / "staticwebapp.config.json").read_text("utf-8")

    done = write_address(desk, project, kind, AZD["API_BASE_URL"])

    assert done.returncode == 0, done.stderr
    dist = project / "web" / "dist"
    assert json.loads((dist / "config.json").read_text("utf-8")) == {"api": AZD["API_BASE_URL"]}
    policy = json.loads((dist / "staticwebapp.config.json").read_text("utf-8"))
    assert f"connect-src 'self' {AZD['API_BASE_URL']};" in policy["globalHeaders"]["Content-Security-Policy"]
    policy["globalHeaders"]["Content-Security-Policy"] = policy["globalHeaders"]["Content-Security-Policy"].replace(
        f" {AZD['API_BASE_URL']}", ""
    )
    assert policy == json.loads(sound)
    assert (project / "web" / "staticwebapp.config.json").read_text("utf-8") == sound


@shells
def test_the_next_steps_hook_prints_only_the_steps_that_are_left(desk: Desk, kind: str) -> None:
    """Completed steps are not printed again, and Azure is not called."""
    first = desk.run("next_steps", kind)
    last = desk.run(
        "next_steps",
        kind,
        SMS_SENDER="+14255550100",
        EMAIL_DOMAIN="mail.example.org",
        EMAIL_DOMAIN_VERIFIED="true",
        ALERT_EMAIL="operator@example.org",
    )
    between = desk.run("next_steps", kind, EMAIL_DOMAIN="mail.example.org")

    assert first.returncode == last.returncode == between.returncode == 0, first.stderr + last.stderr + between.stderr
    for words in ("SMS_SENDER", "EMAIL_DOMAIN", "ALERT_EMAIL"):
        assert f"azd env set {words}" in first.stdout
        assert f"azd env set {words}" not in last.stdout
    assert "initiate-verification" in between.stdout
    assert "support ticket" in last.stdout
    assert desk.asked == ""


def test_the_printed_commands_for_the_first_administrator_work(desk: Desk) -> None:
    """In a shell they produce an environment that the service accepts, and they remove the role again."""
    desk.run("keys", "sh")
    printed = desk.run("next_steps", "sh").stdout
    block = printed[printed.index("   account=") : printed.index("   The keys are in that process only")]
    seen = desk.folder / "seen"

    pasted = block.replace(".venv/bin/python -m operate.add_person NAME --administrator", f"env >{seen}")
    done = subprocess.run(["sh", "-c", pasted], env=desk.environment, capture_output=True, text=True, check=False)

    assert pasted != block
    assert done.returncode == 0, done.stderr
    environment = dict(line.split("=", 1) for line in seen.read_text("utf-8").splitlines() if "=" in line)
    assert settings_from(environment).table_service == "https://sttest.table.core.windows.net"
    assert desk.asked.count("role assignment create") == desk.asked.count("role assignment delete") == 1
