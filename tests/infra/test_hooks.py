"""The hooks, run for real against an `az` that only writes down what it was asked. PowerShell's twins where pwsh is."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.stack.parts import ROOT
from shared.settings import settings_from
from tests.infra.bicep.settings import SECRETS

HOOKS = ROOT / "hooks"
KEYS = ("sesame-index-key", "sesame-code-keys", "sesame-token-keys", "sesame-seal-keys", "sesame-peppers")
AZD = {
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
import os, sys
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
"""

# PowerShell comes from no package index, so its twins are tried wherever it is (the workflow's machines have it), and
# elsewhere the tests do not exist: under CI nothing is skipped.
shells = pytest.mark.parametrize("kind", ["sh", "ps1"] if shutil.which("pwsh") else ["sh"])


@dataclass
class Desk:
    """A folder with an `az` of its own, a vault behind it, and a note of everything asked."""

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
    (programs / "az").write_text(STAND_IN, "utf-8")
    (programs / "az").chmod(0o755)
    places = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}
    return Desk(tmp_path, {**AZD, **places, "VAULT": str(tmp_path / "vault"), "ASKED": str(tmp_path / "asked")})


def settings_of(vault: dict[str, str]) -> dict[str, str]:
    """What the app is given: the vault's keys under the names of the templates, and the rest from the deployment."""
    template = (ROOT / "infra" / "app" / "api.bicep").read_text("utf-8")
    names = dict(re.findall(r"(SESAME_[A-Z_]+): '\$\{vaultReference\}([a-z-]+)\)'", template))
    assert set(names) == SECRETS
    return {
        **{setting: vault[key] for setting, key in names.items()},
        "WEBSITE_SITE_NAME": "func-test",
        "SESAME_STORAGE_ACCOUNT": "sttest",
        "SESAME_ACS_ENDPOINT": AZD["ACS_ENDPOINT"],
        "SESAME_EMAIL_SENDER": AZD["EMAIL_SENDER"],
        "SESAME_SMS_SENDER": "no-number-yet",
        "SESAME_TRUSTED_HOPS": "1",
    }


def test_the_hooks_ask_for_nothing_that_azd_does_not_give() -> None:
    """Every variable of a hook is an output of the templates, a parameter of theirs, or azd's own; twins ask alike."""
    main = (ROOT / "infra" / "main.bicep").read_text("utf-8")
    parameters = (ROOT / "infra" / "main.parameters.json").read_text("utf-8")
    given = set(re.findall(r"^output ([A-Z_]+) ", main, re.MULTILINE)) | set(re.findall(r"\$\{([A-Z_]+)", parameters))
    for script in HOOKS.glob("*.sh"):
        asked = set(re.findall(r"\$\{?([A-Z][A-Z_]+)", script.read_text("utf-8")))
        twin = set(re.findall(r"env:([A-Z][A-Z_]+)", script.with_suffix(".ps1").read_text("utf-8")))

        assert {name for name in asked | twin if not name.startswith("SESAME_")} <= given, script.name
        assert {name for name in asked ^ twin if not name.startswith("SESAME_")} == set(), script.name


@shells
def test_every_key_is_drawn_once_and_the_service_takes_it(desk: Desk, kind: str) -> None:
    """Five different keys, such that settings.py starts with them under the names of the templates."""
    done = desk.run("keys", kind)

    assert done.returncode == 0, done.stderr
    assert set(desk.vault) == set(KEYS)
    settings = settings_from(settings_of(desk.vault))
    keys = {settings.index_key, *settings.code_keys.values(), *settings.token_keys.values()}
    assert len(keys | {*settings.seal_keys.values(), *settings.peppers.values()}) == len(KEYS)
    assert "functionapp restart --name func-test" in desk.asked


@shells
def test_nobody_sees_a_key(desk: Desk, kind: str) -> None:
    """No key is printed, stands on a command line, or stays behind in a file."""
    done = desk.run("keys", kind, TMPDIR=str(desk.folder))

    for value in desk.vault.values():
        assert value.removeprefix("1:") not in done.stdout + done.stderr + desk.asked
    assert {path.name for path in desk.folder.iterdir()} <= {"bin", "vault", "asked", ".cache", ".config", ".local"}


@shells
def test_a_key_that_is_there_is_never_touched(desk: Desk, kind: str) -> None:
    """Drawn anew it would lock everybody out; only what is missing is drawn, and values are not even asked for."""
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
def test_without_an_answer_nothing_is_drawn(desk: Desk, kind: str) -> None:
    """A vault that does not say which keys it holds is not taken for an empty one."""
    done = desk.run("keys", kind, REFUSED="yes")

    assert done.returncode != 0
    assert desk.vault == {}
    assert desk.asked.count("secret list") == int(AZD["SESAME_HOOK_TRIES"])


@shells
def test_the_pages_are_told_where_the_service_is(desk: Desk, kind: str, tmp_path: Path) -> None:
    """config.json and the policy name the same origin; what the repository holds stays as it is."""
    project = tmp_path / "project"
    shutil.copytree(HOOKS, project / "hooks")
    (project / "web" / "dist").mkdir(parents=True)
    (project / "web" / "dist" / "index.html").write_text("<!doctype html>", "utf-8")
    sound = (ROOT / "web" / "staticwebapp.config.json").read_text("utf-8")
    (project / "web" / "staticwebapp.config.json").write_text(sound, "utf-8")
    shell = ["sh"] if kind == "sh" else ["pwsh", "-NoProfile", "-File"]
    hook = [*shell, str(project / "hooks" / f"web_config.{kind}")]

    for wrong in ("http://func-test.example.org", "https://a/b", 'https://a" }', "https://", "https://a; script-src *"):
        refused = subprocess.run(
            hook, env={**desk.environment, "API_BASE_URL": wrong}, capture_output=True, check=False
        )
        assert refused.returncode != 0, wrong
    unknown = subprocess.run(hook, env={**desk.environment, "API_BASE_URL": ""}, capture_output=True, check=False)
    assert unknown.returncode == 0  # `azd package` before anything is provisioned
    assert [path.name for path in (project / "web" / "dist").iterdir()] == ["index.html"]
    done = subprocess.run(hook, env=desk.environment, capture_output=True, text=True, check=False)

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
def test_the_next_steps_are_the_ones_that_are_left(desk: Desk, kind: str) -> None:
    """What is done is not printed again; nothing is asked of Azure."""
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


def test_the_printed_way_to_the_first_administrator_works(desk: Desk) -> None:
    """Pasted into a shell, it leaves an environment that the service takes; the right is taken away again."""
    desk.run("keys", "sh")
    printed = desk.run("next_steps", "sh").stdout
    block = printed[printed.index("   account=") : printed.index("   The keys are in that process only")]
    seen = desk.folder / "seen"

    pasted = block.replace(".venv/bin/python -m local.add_person NAME --administrator", f"env >{seen}")
    done = subprocess.run(["sh", "-c", pasted], env=desk.environment, capture_output=True, text=True, check=False)

    assert pasted != block
    assert done.returncode == 0, done.stderr
    environment = dict(line.split("=", 1) for line in seen.read_text("utf-8").splitlines() if "=" in line)
    assert settings_from(environment).storage_account == AZD["AZURE_STORAGE_ACCOUNT_NAME"]
    assert desk.asked.count("role assignment create") == desk.asked.count("role assignment delete") == 1
