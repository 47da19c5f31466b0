"""Before azd creates or changes resources: refuses what azd would drop in silence, and looks up what Azure knows."""

import re
from datetime import UTC, datetime
from typing import Any

from operate.hooks import mail_domain
from operate.hooks.az import Az, Failed, Stop, listed, say
from operate.hooks.environment import Environment
from operate.hooks.refusals import refusals


def main(given: Environment) -> None:
    """Check every variable, then look up the budget, the key vault, the domains and old role assignments."""
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


def _look_up(given: Environment, az: Az) -> None:
    exists = az.json("group", "exists", "--name", given.group)
    if not isinstance(exists, bool):
        raise Failed("it did not say whether the resource group exists")
    declared = _check_domain(given, az, exists=exists)
    if exists:
        _check_passkeys(given, az)

    # Azure refuses another start for an existing budget, and a month that is over for a new one.
    start = _budget_start(given, az) if exists and given.get("MONTHLY_SPEND") != "0" else None
    given.keep("EMAIL_DOMAIN_EXISTS", "true" if declared else "false")
    given.keep("BUDGET_START", start or f"{datetime.now(UTC):%Y-%m-01}")  # noqa: TID251  (no port of the app here)

    # Purge protection keeps the vault of an earlier `azd down`, and its name: it has to be recovered, but only once.
    deleted = listed(az.json("keyvault", "list-deleted", "--resource-type", "vault"))
    recover = any(_was_ours(vault, given) for vault in deleted)
    given.keep("RECOVER_KEY_VAULT", "true" if recover else "false")
    if recover:
        say("The key vault of an earlier deployment of this environment is restored, with its keys.")
    if not exists and not given.preview:
        _remove_assignments(given, az)


def _check_domain(given: Environment, az: Az, *, exists: bool) -> bool:
    """Let a mail domain be linked only if Azure says that it is verified: linking it earlier fails half-way.

    Return whether it exists: declared again, it could lose the verification of its records.
    """
    domain = given.get("EMAIL_DOMAIN")
    found = mail_domain.describe(given, az) if domain and exists else {}
    open_states = mail_domain.unverified(mail_domain.states(found))
    if given.yes("EMAIL_DOMAIN_VERIFIED") and not exists:  # what was deleted has to be declared and verified again
        given.keep("EMAIL_DOMAIN_VERIFIED", "false")
    elif given.yes("EMAIL_DOMAIN_VERIFIED") and open_states:
        listed = ", ".join(f"{record} is {state}" for record, state in open_states.items())
        raise Stop(
            f"EMAIL_DOMAIN_VERIFIED is true, but Azure has not verified {domain} ({listed}): run azd env set"
            " EMAIL_DOMAIN_VERIFIED false, then azd provision, which prints the records to add."
        )
    return bool(found) and found.get("provisioningState") != "Failed"


def _check_passkeys(given: Environment, az: Az) -> None:
    """Refuse another domain for passkeys than the app has: all that were registered would stop working (rule 26)."""
    app, wanted = given.get("AZURE_FUNCTION_APP_NAME"), given.get("RP_ID")
    path = f"/resourceGroups/{given.group}/providers/Microsoft.Web/sites/{app}/config/appsettings/list"
    try:
        found = az.rest("post", path, "2022-03-01") if app else None
    except Failed:  # the app was deleted
        return
    there = (found.get("properties") or {}).get("SESAME_RP_ID") if isinstance(found, dict) else None
    if there and there != wanted:
        raise Stop(
            f"RP_ID is {wanted or 'not set'}, but the passkeys of this installation are bound to {there} and would stop"
            f" working: run azd env set RP_ID {there}; if nobody has a passkey yet, first delete SESAME_RP_ID"
            f" from the settings of {app}."
        )


def _budget_start(given: Environment, az: Az) -> str | None:
    path = f"/resourceGroups/{given.group}/providers/Microsoft.Consumption/budgets"
    try:
        budgets = listed(az.rest("get", path, "2023-11-01"))
    except Failed as refusal:
        raise Stop(
            f"Azure does not tell which budgets {given.group} has ({refusal}): if your offer of Azure has none, run azd"
            " env set MONTHLY_SPEND 0, then the same azd command again."
        ) from refusal
    for budget in budgets:
        start = str(((budget.get("properties") or {}).get("timePeriod") or {}).get("startDate", ""))
        if budget.get("name") == "sesame" and re.match(r"\d{4}-\d{2}-01", start):
            return start[:10]
    return None


def _was_ours(vault: dict[str, Any], given: Environment) -> bool:
    """Compare places: of the name, an earlier deployment from another machine is the only one that knows."""
    known, properties = given.get("AZURE_KEY_VAULT_NAME"), vault.get("properties") or {}
    inside = f"/subscriptions/{given['AZURE_SUBSCRIPTION_ID']}/resourceGroups/{given.group}/".lower()
    region = str(properties.get("location", "")).replace(" ", "").lower()
    here = str(properties.get("vaultId", "")).lower().startswith(inside) and region == given["AZURE_LOCATION"]
    return here and (not known or known == vault.get("name"))


def _remove_assignments(given: Environment, az: Az) -> None:
    """Remove role assignments that an earlier `azd down` left.

    They can outlive their resources, and Azure then refuses a new identity under the same name of the assignment
    (RoleAssignmentUpdateNotPermitted).
    """
    inside = f"/resourceGroups/{given.group}/".lower()
    listing = ("role", "assignment", "list", "--all", "--fill-principal-name", "false")
    for assignment in listed(az.json(*listing, "--fill-role-definition-name", "false")):
        if inside in str(assignment.get("scope", "")).lower():
            az.json("role", "assignment", "delete", "--ids", str(assignment["id"]))
