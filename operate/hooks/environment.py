"""The variables that azd passes to a hook, and the parameters of the templates that they fill.

azd reads infra/main.parameters.json and replaces `${NAME}` by the variable. A value that does not fit the type of the
parameter is dropped without a word and the default taken instead; a quotation mark breaks the file (azd's source,
pkg/infra/provisioning/bicep/bicep_provider.go, functions loadParameters and armParameterFileValue).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operate.hooks.az import Az, Failed, Stop, last_words, run

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = {"true": True, "false": False}
"""The one grammar of yes and no, as in shared/settings.py. azd alone would take T, 1 or TRUE, and drop `yes`."""
NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
PARAMETER = re.compile(
    r"(?P<above>(?:^(?:@|//|  '|\]).*\n)*)^param (?P<name>\w+) (?P<type>string|int|bool)\b", re.MULTILINE
)


@dataclass(frozen=True)
class Parameter:
    """One parameter of infra/main.bicep, and the variable of azd that fills it."""

    variable: str
    type: str
    allowed: tuple[Any, ...]
    least: int | None
    most: int | None
    """Bounds of a number, or of the length of a text."""


def parameters(infra: Path = ROOT / "infra") -> list[Parameter]:
    """Return the parameters that a variable fills, as the two files say."""
    given = json.loads((infra / "main.parameters.json").read_text("utf-8"))["parameters"]
    variables = {name: re.match(r"\$\{(\w+)", entry["value"]) for name, entry in given.items()}
    found = []
    for match in PARAMETER.finditer((infra / "main.bicep").read_text("utf-8")):
        variable, above = variables.get(match["name"]), match["above"]
        if variable is None:
            continue
        listed = re.search(r"@allowed\(\[([^\]]*)\]\)", above)
        words = re.findall(r"'([^']*)'|(\d+)", listed[1]) if listed else []
        bounds = {way: int(number) for way, number in re.findall(r"@(min|max)(?:Value|Length)\((\d+)\)", above)}
        allowed = tuple(int(number) if number else text for text, number in words)
        found.append(Parameter(variable[1], match["type"], allowed, bounds.get("min"), bounds.get("max")))
    return found


@dataclass(frozen=True)
class Environment:
    """The variables of one azd environment."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return a variable that has to be set.

        Raises:
            Stop: it is not.
        """
        if value := self.get(name):
            return value
        raise Stop(f"{name} is not set: run azd up, which asks for what is missing, or azd env set {name} VALUE.")

    def get(self, name: str, default: str = "") -> str:
        """Return a variable, or a default if it is missing or empty, as azd does.

        Raises:
            Stop: it has a line break, as a file of Windows can leave one at the end, or another control character.
        """
        value = self.values.get(name) or default
        if NOT_TEXT.search(value):
            raise Stop(f"{name} contains a line break or another character that is not text: azd env set {name} VALUE.")
        return value

    def yes(self, name: str) -> bool:
        """Return whether a variable says true; missing or empty is false.

        Raises:
            Stop: it says neither true nor false.
        """
        value = self.get(name, "false")
        if value not in ANSWERS:
            raise Stop(f"{name} is {value!r}, but can only be true or false.")
        return ANSWERS[value]

    @property
    def group(self) -> str:
        """The resource group, by the name that infra/main.bicep gives it."""
        return f"rg-{self['AZURE_ENV_NAME']}"

    @property
    def preview(self) -> bool:
        """Whether azd only previews: it runs the hooks then too, and does not tell them."""
        return self.yes("SESAME_PREVIEW")

    @property
    def patience(self) -> tuple[int, float]:
        """How often, and at what distance in seconds, a call is repeated that may be too early.

        A new role assignment can take up to ten minutes to take effect (Microsoft, "Troubleshoot Azure RBAC").
        """
        return max(1, self._number("SESAME_HOOK_TRIES", 40)), self._number("SESAME_HOOK_PAUSE", 15)

    def az(self) -> Az:
        """Return the Azure CLI, after a check that it is signed in to azd's subscription and tenant.

        Raises:
            Stop: it is not installed, not signed in, or signed in to another tenant.
        """
        subscription = self["AZURE_SUBSCRIPTION_ID"]
        az = Az(subscription, *self.patience, self.values)
        try:
            account = az.json("account", "show")
        except Failed as refusal:
            raise Stop(
                f"The Azure CLI cannot use azd's subscription {subscription} ({refusal}): run az login with the account"
                " that azd uses, then the same azd command again."
            ) from refusal
        tenant, wanted = _text(account, "tenantId"), self.get("AZURE_TENANT_ID")
        if not isinstance(account, dict) or _text(account, "id").lower() not in {"", subscription.lower()}:
            raise Stop(
                f"The Azure CLI does not answer for azd's subscription {subscription}: run az login with the account"
                " that azd uses, then the same azd command again."
            )
        if wanted and tenant.lower() != wanted.lower():
            raise Stop(
                f"The Azure CLI is signed in to the tenant {tenant or 'of no name'}, but azd deploys to the tenant"
                f" {wanted}: run az login --tenant {wanted}, then the same azd command again."
            )
        return az

    def _number(self, name: str, default: int) -> int:
        value = self.get(name, str(default))
        if re.fullmatch(r"\d{1,4}", value, re.ASCII):
            return int(value)
        raise Stop(f"{name} is {value!r}, but has to be a whole number.")

    def keep(self, name: str, value: str) -> None:
        """Store a variable in the azd environment, from which azd reads it again after the hook.

        Raises:
            Stop: azd does not store it.
        """
        words = ("env", "set", name, value, "--environment", self["AZURE_ENV_NAME"], "--no-prompt")
        try:
            done = run("azd", *words, environ=self.values)
        except Failed as refusal:
            raise Stop(f"azd cannot store {name} in its environment: {refusal}.") from refusal
        if done.returncode != 0:
            raise Stop(f"azd cannot store {name} in its environment: {last_words(done)}.")


def _text(account: Any, name: str) -> str:
    return str(account.get(name, "")) if isinstance(account, dict) else ""
