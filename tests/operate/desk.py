"""Runs the hooks as azd does, with a stand-in for `az` and `azd` that keeps a small Azure in a file and misbehaves."""

import json
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from local.stack.parts import ROOT
from operate.hooks import github
from operate.hooks.environment import Environment
from operate.hooks.ready import names_of_functions

SUBSCRIPTION, TENANT, OTHER = (f"{digit * 8}-0000-4000-8000-{digit * 12}" for digit in "123")
AZD = {
    "AZURE_ENV_NAME": "test",
    "AZURE_LOCATION": "westeurope",
    "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
    "HELPDESK": "+33 1 99 00 12 34",
}
"""What azd knows before it has provisioned anything. The id of the principal is not among its variables."""
OUTPUTS = {
    "AZURE_TENANT_ID": TENANT,
    "AZURE_RESOURCE_GROUP": "rg-test",
    "AZURE_KEY_VAULT_NAME": "kv-test",
    "AZURE_FUNCTION_APP_NAME": "func-test",
    "AZURE_STORAGE_ACCOUNT_NAME": "sttest",
    "AZURE_COMMUNICATION_NAME": "acs-test",
    "EMAIL_SERVICE_NAME": "acse-test",
    "EMAIL_SENDER": "DoNotReply@mail.example.org",
    "ACS_ENDPOINT": "https://acs-test.example.org",
    "API_BASE_URL": "https://func-test.example.org",
    "WEB_BASE_URL": "https://web.example.org",
}
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-test"
VERIFIED = dict.fromkeys(("Domain", "SPF", "DKIM", "DKIM2"), "Verified")
DOMAIN = {"EMAIL_DOMAIN": "mail.example.org"}
AS_DEPLOYED = {
    "WEBSITE_SITE_NAME": "func-test",
    "SESAME_STORAGE_ACCOUNT": "sttest",
    "SESAME_ACS_ENDPOINT": OUTPUTS["ACS_ENDPOINT"],
    "SESAME_EMAIL_SENDER": OUTPUTS["EMAIL_SENDER"],
    "SESAME_TRUSTED_HOPS": "1",
    "SESAME_HELPDESK": AZD["HELPDESK"],
}
"""The settings of the app without its keys."""
SETTINGS = ("SESAME_INDEX_KEY", "SESAME_CODE_KEYS", "SESAME_TOKEN_KEYS", "SESAME_SEAL_KEYS", "SESAME_PEPPERS")
STAND_IN = r"""
import base64, json, os, sys
from pathlib import Path
home, asked = Path(os.environ["STAND_IN"]), sys.argv[2:]
azure = json.loads((home / "azure.json").read_text("utf-8"))
vault, said = home / "vault", " ".join(asked)
with open(home / "asked", "a", encoding="utf-8") as log:
    log.write(f"{sys.argv[1]} {said}\n")
with open(home / "words", "a", encoding="utf-8") as log:
    log.write(json.dumps(sys.argv[1:]) + "\n")
def after(option):
    return asked[asked.index(option) + 1]
def answer(value):
    print(azure.get("noise", "") + json.dumps(value) + azure.get("after", ""))
    sys.exit()
for number, (words, times, complaint) in enumerate(azure.get("refuses", [])):
    if words in said and times:
        azure["refuses"][number][1] -= 1
        (home / "azure.json").write_text(json.dumps(azure), "utf-8")
        print(json.dumps({"error": {"code": "Forbidden"}}))
        sys.exit(f"WARNING: a preview\nERROR: {complaint}\nmore of it")
for words, value in azure.get("says", {}).items():
    if words in said:
        answer(value)
if sys.argv[1] == "azd":
    values = {name: value for name, value in os.environ.items() if name.startswith(("AZ", "EMAIL", "VNET", "ACS"))}
    answer(values) if asked[:2] == ["env", "get-values"] else sys.exit()
if "--subscription" not in asked and asked[:2] != ["account", "show"] and asked[0] != "login":
    sys.exit("ERROR: no subscription")
if asked[:2] == ["account", "show"]:
    if "json" not in asked:
        sys.exit(print(azure.get("noise", "") + azure["tenant"]))
    answer({"id": azure["subscription"], "tenantId": azure["tenant"]})
if asked[0] == "login":
    sys.exit()
if asked[:2] == ["group", "exists"]:
    answer(azure["group"])
if asked[:2] == ["account", "get-access-token"]:
    answer({"accessToken": "x." + base64.urlsafe_b64encode(b'{"oid": "me"}').decode().rstrip("=") + ".y"})
if asked[:3] == ["keyvault", "secret", "list"]:
    answer([{"id": f"https://kv-test.vault.azure.net/secrets/{path.name}"} for path in vault.iterdir()])
if asked[:3] == ["keyvault", "secret", "set"]:
    given = Path(after("--file"))
    assert sys.platform == "win32" or given.stat().st_mode & 0o077 == 0, "others could read the key"
    (vault / after("--name")).write_bytes(given.read_bytes())
    answer({"value": given.read_text("utf-8")})
if asked[:3] == ["keyvault", "secret", "show"]:
    answer({"value": (vault / after("--name")).read_text("utf-8")})
if "/configreferences/" in said and "post" in asked:
    azure["refreshed"] = azure.get("refreshed", 0) + 1
    (home / "azure.json").write_text(json.dumps(azure), "utf-8")
    sys.exit()
if "/configreferences/" in said:
    done = azure.get("refreshed", 0) >= azure.get("resolves", 1) and "state_of_references" not in azure
    state = "Resolved" if done else azure.get("state_of_references", "AccessToKeyVaultDenied")
    answer({"value": [{"name": name, "properties": {"status": state}} for name in azure["settings"]]})
if "/host/default/sync?" in said:
    azure["synced"] = azure.get("synced", 0) + 1
    (home / "azure.json").write_text(json.dumps(azure), "utf-8")
    sys.exit()
if "/functions?" in said:
    known = azure["functions"] if azure.get("synced", 0) >= azure.get("syncs", 0) else ["WarmUp"]
    off = azure.get("off", "")
    answer({"value": [{"name": f"func-test/{n}", "properties": {"name": n, "isDisabled": n == off}} for n in known]})
if "/emailServices?" in said:
    answer({"value": [{"name": "acse-test"}]})
if "/domains?" in said:
    states = {record: {"status": state} for record, state in azure.get("domain", {}).items()}
    records = {record: {"type": "TXT", "name": "mail", "value": f"v-{record}"} for record in states}
    properties = {"verificationStates": states, "verificationRecords": records}
    properties["provisioningState"] = azure.get("state", "Succeeded")
    answer({"value": [{"name": "mail.example.org", "properties": properties}]})
if "/budgets?" in said:
    answer({"value": azure.get("budgets", [])})
answer({"id": f"/made/{asked[0]}"} if {"create", "show"} & set(asked) else azure.get("lists", {}).get(asked[0], []))
"""


@dataclass
class Desk:
    """A folder with its own `az` and `azd`, a stock Python, a vault, and a record of all calls."""

    folder: Path
    project: Path = ROOT

    @property
    def vault(self) -> dict[str, str]:
        return {path.name: path.read_text("utf-8") for path in (self.folder / "vault").iterdir()}

    @property
    def asked(self) -> str:
        log = self.folder / "asked"
        return log.read_text("utf-8") if log.exists() else ""

    def azure(self, **more: Any) -> None:
        """Set how the stand-in answers: see the names that it reads."""
        sound = {"tenant": TENANT, "subscription": SUBSCRIPTION, "group": True, "settings": SETTINGS}
        sound["functions"] = list(names_of_functions())
        (self.folder / "azure.json").write_text(json.dumps(sound | more), "utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        places = {"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.folder)}
        speed = {"SESAME_HOOK_PAUSE": "0", "SESAME_HOOK_TRIES": "3"}
        return places | {"STAND_IN": str(self.folder)} | speed | AZD | more

    def hook(self, event: str, service: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a hook of azure.yaml as azd does on Linux and macOS (pkg/ext/models.go, pkg/tools/bash/bash.go).

        What is a file is run by its absolute path, without quotation marks; anything else is written to a temporary
        script. Both are given to `/bin/sh -c` in the folder of the project or service.
        """
        content = yaml.safe_load((self.project / "azure.yaml").read_text("utf-8"))
        place = content["services"][service] if service else content | {"project": "."}
        folder, run = self.project / place["project"], place["hooks"][event]["posix"]["run"]
        script = folder / run
        if not script.is_file():
            script = self.folder / f"azd-{event}-1.sh"
            script.write_text(f"#!/bin/sh\nset -e\n\n# Auto generated file from Azure Developer CLI\n{run}\n", "utf-8")
            script.chmod(0o700)
        return self._run(["/bin/sh", "-c", str(script)], folder, more)

    def hook_of_windows(self, event: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a hook of the project as azd does on Windows (pkg/tools/powershell/powershell.go), with PowerShell 7."""
        content = yaml.safe_load((self.project / "azure.yaml").read_text("utf-8"))
        ending = "if ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }"
        script = self.folder / f"azd-{event}-1.ps1"
        run = content["hooks"][event]["windows"]["run"]
        script.write_text(f"$ErrorActionPreference = 'Stop'\n\n{run}\n{ending}\n", "utf-8")
        return self._run(["pwsh", str(script)], self.project, more)

    def step(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a step by hand, as the list of what is left says."""
        return self._run(["sh", "operate/hooks/run.sh", *words], self.project, OUTPUTS | more)

    def _run(self, words: list[str], folder: Path, more: dict[str, str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            words, env=self.environment(**more), cwd=folder, capture_output=True, text=True, timeout=60, check=False
        )


def desk_in(folder: Path) -> Desk:
    """Return a desk whose Python has the standard library only."""
    programs = folder / "bin"
    programs.mkdir()
    (folder / "vault").mkdir()
    (folder / "stand_in.py").write_text(STAND_IN, "utf-8")
    python = Path(sys.executable).resolve()
    commands = {name: f'"{python}" -I "{folder}/stand_in.py" {name} "$@"' for name in ("az", "azd")}
    for name, command in (commands | {"python3": f'"{python}" -S "$@"'}).items():
        (programs / name).write_text(f"#!/bin/sh\nexec {command}\n", "utf-8")
        (programs / name).chmod(0o755)
    desk = Desk(folder)
    desk.azure()
    return desk


def checkout_in(folder: Path) -> Path:
    """Return a copy of what the hooks read, beside a web app that is built."""
    for part in ("operate", "infra", "shared"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "web" / "dist").mkdir(parents=True)
    shutil.copyfile(ROOT / "web" / "index.html", folder / "web" / "dist" / "index.html")
    for file in ("azure.yaml", "web/site-config.json"):
        shutil.copyfile(ROOT / file, folder / file)
    return folder


def sign_in_from_a_workflow(desk: Desk) -> None:
    """Run operate/hooks/github.py in this process, with a GitHub that answers `token`."""
    environ = desk.environment(AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID="client")
    environ |= {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.example.org?a=b", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x"}
    with mock.patch.object(urllib.request, "urlopen") as opened:
        opened.return_value.__enter__.return_value.read.return_value = b'{"value": "token"}'
        github.sign_in(Environment(environ))
    assert opened.call_args.args[0].full_url.endswith("?a=b&audience=api%3A%2F%2FAzureADTokenExchange")


def ended_in_a_sentence(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the one sentence with which a step failed."""
    said = done.stderr.strip()
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert "\n" not in said, said
    assert said.endswith("."), said
    return said
