"""The deployment as Microsoft's compiler reads and evaluates it, without Azure."""

import json
import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from local.bicep import environment

TENANT, SUBSCRIPTION, DEPLOYER = (f"{digit * 8}-0000-4000-8000-{digit * 12}" for digit in "123")
BASE = {
    "AZURE_ENV_NAME": "prod",
    "AZURE_LOCATION": "westeurope",
    "AZURE_PRINCIPAL_ID": DEPLOYER,
    "HELPDESK": "+33 1 99 00 12 34",
}
NETWORK, DOOR = {"VNET_ENABLED": "true"}, {"FRONT_DOOR_ID": SUBSCRIPTION}
OWN_DOMAIN, VERIFIED = {"EMAIL_DOMAIN": "mail.example.org"}, {"EMAIL_DOMAIN_VERIFIED": "true"}
EXISTS = {"EMAIL_DOMAIN_EXISTS": "true"}
ORIGINS = {"MORE_WEB_ORIGINS": " https://a.example.org/ ,,https://b.example.org, "}
BUDGET = {"BUDGET_START": "2026-11-01", "ALERT_EMAIL": "operator@example.org"}
TEXTS = {"SMS_SENDERS": "+18005550199, Contoso:FR+GB", "ALWAYS_READY_HTTP": "1", "ALWAYS_READY_DELIVERY": "2"}
CALLS = {"VOICE_CALLER": "+18005550199"}
PROXY, PASSKEYS = {"USE_PROXY_SETTINGS": "true"}, {"RP_ID": "a.example.org"}
MICROSOFT = {"DIRECTORY": "entra", "ENTRA_TENANT": TENANT, "ENTRA_API": SUBSCRIPTION, "ENTRA_PAGE": DEPLOYER}
CONFIGURATIONS = {
    "default": BUDGET,
    "private network": BUDGET | NETWORK,
    "mail domain unverified": BUDGET | OWN_DOMAIN,
    "mail domain verified": BUDGET | OWN_DOMAIN | VERIFIED,
    "all off": {"AZURE_PRINCIPAL_ID": "", "MONTHLY_SPEND": "0", "BUDGET_START": "2026-11-01"},
    "longest name": BUDGET | NETWORK | {"AZURE_ENV_NAME": "n" * 64},
    "odd names": {"AZURE_ENV_NAME": "-A.b_(C)", "HELPDESK": "helpdesk+it@example.org"} | ORIGINS,
    "microsoft entra": BUDGET | MICROSOFT,
    "another region": {"AZURE_LOCATION": "koreacentral", "STATIC_WEB_APP_LOCATION": "eastasia"},
    "texts and warm instances": BUDGET | TEXTS | OWN_DOMAIN | EXISTS,
    "everything": BUDGET | TEXTS | OWN_DOMAIN | VERIFIED | ORIGINS | NETWORK | DOOR | PROXY | PASSKEYS | CALLS,
}  # fmt: skip
"""The variables of azd that an operator sets, by what they configure."""


@dataclass(frozen=True)
class Deployment:
    """One configuration, evaluated: what depends on Azure's answer stays an expression in brackets."""

    infra: Path
    settings: dict[str, str]
    template: dict[str, Any]
    """The compiled main.bicep."""
    given: dict[str, Any]
    """The parameters that azd passes."""
    resources: list[dict[str, Any]]
    outputs: dict[str, Any]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the resources of a type without the prefix `Microsoft.`."""
        return [resource for resource in self.resources if resource["type"] == f"Microsoft.{kind}"]

    @cached_property
    def text(self) -> str:
        """Everything that is evaluated, in a fixed order: the compiler's order changes."""
        sorted_resources = sorted(self.resources, key=lambda resource: resource["id"])
        return json.dumps([sorted_resources, self.outputs], sort_keys=True, ensure_ascii=False)


class Refused(Exception):
    """The compiler reports errors or warnings."""


class Bicep:
    """One running compiler (`bicep jsonrpc`): starting it takes a second, a question a tenth of one."""

    def __init__(self, program: str) -> None:
        command = [program, "jsonrpc", "--stdio"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())

    def close(self) -> None:
        """Stop it."""
        self._process.kill()
        self._process.communicate()

    def ask(self, method: str, **asked: Any) -> dict[str, Any]:
        """Return the answer. Raises Refused with the compiler's own words."""
        question, answers = self._process.stdin, self._process.stdout
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": f"bicep/{method}", "params": asked}).encode()
        question.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        question.flush()
        length = int(answers.readline().partition(b":")[2])
        while answers.readline().strip():
            pass
        answer = json.loads(answers.read(length))
        if "error" in answer:
            raise Refused(answer["error"]["message"])
        return dict(answer["result"])

    def compile(self, infra: Path) -> dict[str, Any]:
        """Return the compiled main.bicep. Raises Refused with every error and warning."""
        answer = self.ask("compile", path=str(infra / "main.bicep"))
        if answer["diagnostics"]:
            raise Refused(
                "\n".join(f"{each['source']}: {each['code']}: {each['message']}" for each in answer["diagnostics"])
            )
        return dict(json.loads(answer["contents"]))

    def evaluate(self, infra: Path, settings: dict[str, str], template: dict[str, Any], run: str) -> Deployment:
        """Evaluate a configuration with the parameters that azd would pass; `run` names it. Raises Refused."""
        settings = BASE | settings
        given = _parameters(infra, template, settings)
        parameters = infra / "configuration.bicepparam"
        lines = [f"param {name} = {_literal(value)}\n" for name, value in given.items()]
        parameters.write_text("using 'main.bicep'\n" + "".join(lines), "utf-8")
        place = {"tenantId": TENANT, "subscriptionId": SUBSCRIPTION, "location": settings["AZURE_LOCATION"]}
        where = {**place, "resourceGroup": None, "deploymentName": run}
        snapshot = json.loads(self.ask("getSnapshot", path=str(parameters), metadata=where)["snapshot"])
        if snapshot["diagnostics"]:
            raise Refused("\n".join(map(str, snapshot["diagnostics"])))
        return Deployment(infra, settings, template, given, snapshot["predictedResources"], snapshot["outputs"])


def _parameters(infra: Path, template: dict[str, Any], settings: dict[str, str]) -> dict[str, Any]:
    """Fill main.parameters.json as azd does: `${NAME=default}`, and a parameter without a value is left out."""
    given = {}
    for name, entry in json.loads((infra / "main.parameters.json").read_text("utf-8"))["parameters"].items():
        text = re.sub(r"\$\{(\w+)=?([^}]*)\}", lambda at: settings.get(at[1]) or at[2], entry["value"])
        kind = template["parameters"].get(name, {}).get("type")
        if text and kind:
            given[name] = json.loads(text) if kind in {"int", "bool"} else text
    return given


def _literal(value: str | int) -> str:
    if isinstance(value, str):
        return "'" + re.sub(r"(['\\]|\$\{)", r"\\\1", value) + "'"
    return json.dumps(value)
