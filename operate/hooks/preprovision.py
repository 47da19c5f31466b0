"""Before azd creates or changes resources: refuses what azd would drop in silence, and looks up what Azure knows."""

import re
from datetime import UTC, datetime
from typing import Any

from operate.hooks import mail_domain
from operate.hooks.az import Az, Failed, Stop, say
from operate.hooks.environment import ANSWERS, Environment, Parameter, parameters

ENVIRONMENT = re.compile(r"[A-Za-z0-9()._-]{1,64}")
"""What azd takes as the name of an environment (EnvironmentNameRegexp in its source)."""
HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])", re.IGNORECASE)
GEO, UNPAIRED = {"Standard_GRS", "Standard_GZRS"}, {"italynorth", "spaincentral"}
"""Copies to a second region are made in the paired one only (Microsoft, "Azure regions list")."""
BREAKS = {'"': "a quotation mark", "\\": "a backslash", "$(": "$(, which azd would run as a command"}
"""Azd writes a value into a JSON file as it is."""


def main(given: Environment) -> None:
    """Check every variable, then look up the budget, the key vault, the mail domain and old role assignments."""
    faults = refusals(given)
    if faults:
        raise Stop(" ".join(faults))
    az = given.az()
    try:
        _look_up(given, az)
    except Failed as refusal:
        raise Stop(
            f"Azure did not tell what already exists in the subscription {az.subscription} ({refusal}), so nothing was"
            " changed: check the rights of the account that az uses, then run azd provision again."
        ) from refusal


def refusals(given: Environment) -> list[str]:
    """Return one sentence for each variable that azd would drop or choke on."""
    faults = [
        f"{name} is not set: run azd up, which asks for it, or azd env set {name} VALUE."
        for name in ("AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_SUBSCRIPTION_ID")
        if not given.get(name)
    ]
    for parameter in parameters():
        value = given.get(parameter.variable)
        if value and (fault := _fault(parameter, value)):
            faults.append(f"{parameter.variable} {fault}.")
    name = given.get("AZURE_ENV_NAME")
    if name and not ENVIRONMENT.fullmatch(name):
        faults.append("AZURE_ENV_NAME can have letters, digits, hyphens, dots, underscores and parentheses only.")
    if name.endswith("."):
        faults.append("AZURE_ENV_NAME ends in a dot, which Azure does not allow in the name of a resource group.")
    domain = given.get("EMAIL_DOMAIN")
    if domain and not HOST.fullmatch(domain):
        faults.append(f"EMAIL_DOMAIN is {domain!r}, which is not a domain, such as mail.example.org.")
    if given.get("STORAGE_SKU") in GEO and given.get("AZURE_LOCATION") in UNPAIRED:
        faults.append(f"STORAGE_SKU {given['STORAGE_SKU']} needs a region with a pair, which AZURE_LOCATION has not.")
    if given.get("EMAIL_DOMAIN_VERIFIED") == "true" and not domain:
        faults.append("EMAIL_DOMAIN_VERIFIED is true, but EMAIL_DOMAIN is not set.")
    return faults


def _fault(parameter: Parameter, value: str) -> str | None:
    for mark, name in BREAKS.items():
        if mark in value:
            return f"contains {name}"
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        return "contains a line break or another control character"
    if parameter.type == "bool" and value not in ANSWERS:
        return f"is {value!r}, but can only be true or false"
    read: str | int = value
    if parameter.type == "int":
        if not re.fullmatch(r"\d{1,9}", value, re.ASCII):
            return f"is {value!r}, but has to be a whole number"
        read = int(value)
    least, most = parameter.least or 0, parameter.most
    size, unit = (read, "") if isinstance(read, int) else (len(read), " characters")
    if size < least or (most is not None and size > most):
        wanted = f"at least {least}" if most is None else f"{least}" if least == most else f"from {least} to {most}"
        return f"is {value!r}, but has to be {wanted}{unit}"
    if parameter.allowed and read not in parameter.allowed:
        return f"is {value!r}, but has to be one of: {', '.join(map(str, parameter.allowed))}"
    return None


def _look_up(given: Environment, az: Az) -> None:
    exists = az.json("group", "exists", "--name", given.group)
    if not isinstance(exists, bool):
        raise Failed("it did not say whether the resource group exists")
    _check_domain(given, az, exists=exists)

    # Azure refuses another start for an existing budget, and a month that is over for a new one.
    start = _budget_start(given, az) if exists and given.get("MONTHLY_SPEND") != "0" else None
    given.keep("BUDGET_START", start or f"{datetime.now(UTC):%Y-%m-01}")  # noqa: TID251  (no port of the app here)

    # Purge protection keeps the vault of an earlier `azd down`, and its name: it has to be recovered, but only once.
    deleted = _listed(az.json("keyvault", "list-deleted", "--resource-type", "vault"))
    recover = any(_was_ours(vault.get("properties") or {}, given) for vault in deleted)
    given.keep("RECOVER_KEY_VAULT", "true" if recover else "false")
    if recover:
        say("The key vault of an earlier deployment of this environment is restored, with its keys.")
    if not exists and not given.preview:
        _remove_assignments(given, az)


def _check_domain(given: Environment, az: Az, *, exists: bool) -> None:
    """Let a mail domain be linked only if Azure says that it is verified: linking it earlier fails half-way."""
    if not given.yes("EMAIL_DOMAIN_VERIFIED"):
        return
    if not exists:  # a domain that was deleted has to be declared and verified again
        given.keep("EMAIL_DOMAIN_VERIFIED", "false")
        return
    domain = given["EMAIL_DOMAIN"]
    open_states = mail_domain.unverified(mail_domain.states(mail_domain.describe(given, az)))
    if open_states:
        listed = ", ".join(f"{record} is {state}" for record, state in open_states.items())
        raise Stop(
            f"EMAIL_DOMAIN_VERIFIED is true, but Azure has not verified {domain} ({listed}): run azd env set"
            " EMAIL_DOMAIN_VERIFIED false, then azd provision, which prints the records to add."
        )


def _budget_start(given: Environment, az: Az) -> str | None:
    path = f"/resourceGroups/{given.group}/providers/Microsoft.Consumption/budgets"
    for budget in _listed(az.rest("get", path, "2023-11-01")):
        start = str(((budget.get("properties") or {}).get("timePeriod") or {}).get("startDate", ""))
        if budget.get("name") == "sesame" and re.match(r"\d{4}-\d{2}-01", start):
            return start[:10]
    return None


def _was_ours(vault: dict[str, Any], given: Environment) -> bool:
    inside = f"/subscriptions/{given['AZURE_SUBSCRIPTION_ID']}/resourceGroups/{given.group}/".lower()
    region = str(vault.get("location", "")).replace(" ", "").lower()
    return str(vault.get("vaultId", "")).lower().startswith(inside) and region == given["AZURE_LOCATION"]


def _remove_assignments(given: Environment, az: Az) -> None:
    """Remove role assignments that an earlier `azd down` left.

    They can outlive their resources, and Azure then refuses a new identity under the same name of the assignment
    (RoleAssignmentUpdateNotPermitted).
    """
    inside = f"/resourceGroups/{given.group}/".lower()
    listing = ("role", "assignment", "list", "--all", "--fill-principal-name", "false")
    for assignment in _listed(az.json(*listing, "--fill-role-definition-name", "false")):
        if inside in str(assignment.get("scope", "")).lower():
            az.json("role", "assignment", "delete", "--ids", str(assignment["id"]))


def _listed(answer: Any) -> list[dict[str, Any]]:
    """Return the items of a list. No answer is not an empty list: an existing budget or vault would look new."""
    items = answer.get("value") if isinstance(answer, dict) else answer
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Failed("it did not answer with a list")
    return items
