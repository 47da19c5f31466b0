"""Generates the keys that the vault lacks, and makes the app see them (docs/decisions/0010).

A key is never shown, read, put on a command line or replaced: a new value would lock everybody out.
"""

import base64
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

from operate.hooks.az import Az, Failed, Stop, listed, say
from operate.hooks.environment import Environment

KEYS = {
    "sesame-index-key": ("SESAME_INDEX_KEY", ""),
    "sesame-code-keys": ("SESAME_CODE_KEYS", "1:"),
    "sesame-token-keys": ("SESAME_TOKEN_KEYS", "1:"),
    "sesame-seal-keys": ("SESAME_SEAL_KEYS", "1:"),
    "sesame-peppers": ("SESAME_PEPPERS", "1:"),
}
"""Each secret, the setting of the app that refers to it (infra/app/api.bicep), and what stands before a first value."""
RESOLVED = "Resolved"
AGAIN = "run azd provision --no-state"
"""Without --no-state, azd deploys nothing if neither a template nor a variable has changed (bicep_provider.go, function
deploymentState), so a role assignment that was removed would stay away.
"""


def generate(given: Environment, az: Az) -> bool:
    """Generate the missing keys, and return whether there were any.

    Raises:
        Stop: the vault does not answer, or does not take a key.
    """
    vault = given["AZURE_KEY_VAULT_NAME"]
    try:
        present = az.until(lambda: _names(az, vault), lambda _: True, f"the right to write keys in {vault}")
    except Failed as refusal:
        raise Stop(
            f"The key vault {vault} does not tell which keys it has ({refusal}), so none was generated: check that az"
            f" is signed in with the account that azd uses, then {AGAIN}."
        ) from refusal
    missing = [name for name in KEYS if name not in present]
    for name in missing:
        _write(az, vault, name, KEYS[name][1])
        say(f"Key generated: {name}")
    if not missing:
        say("All keys exist. None was changed.")
    return bool(missing)


def make_visible(given: Environment, az: Az, *, new: bool) -> None:
    """Wait until each setting that refers to a key is resolved.

    The platform reads a secret when the app is created, before the keys exist, and then once a day. A restart does not
    make it read them again; this call does (Microsoft, "Use Key Vault references", section on rotation).

    Raises:
        Stop: a setting is still not resolved after the last try.
    """
    site = f"/resourceGroups/{given.group}/providers/Microsoft.Web/sites/{given['AZURE_FUNCTION_APP_NAME']}"
    references = f"{site}/config/configreferences/appsettings"
    refreshing = new

    def look() -> dict[str, str]:
        nonlocal refreshing
        if refreshing:
            az.rest("post", f"{references}/refresh", "2022-03-01")
        refreshing = True
        return _states(az.rest("get", references, "2022-03-01"))

    try:
        found = az.until(look, lambda states: set(states.values()) == {RESOLVED}, "the app to see its keys")
    except Failed as refusal:
        raise Stop(
            f"The app {given['AZURE_FUNCTION_APP_NAME']} does not tell whether it sees its keys ({refusal}): run azd"
            " provision again in some minutes."
        ) from refusal
    blind = ", ".join(f"{setting} is {state}" for setting, state in found.items() if state != RESOLVED)
    if blind:
        raise Stop(
            f"The app {given['AZURE_FUNCTION_APP_NAME']} does not see its keys ({blind}): check that its identity has"
            f" the role Key Vault Secrets User on {given['AZURE_KEY_VAULT_NAME']}, then {AGAIN}."
        )
    say("The app sees all its keys.")


def refresh(given: Environment) -> None:
    """Make the app see a version of a key that was added by hand: `run.sh refresh_keys` (docs/operations.md)."""
    make_visible(given, given.az(), new=True)


def _names(az: Az, vault: str) -> set[str]:
    secrets_there = listed(az.json("keyvault", "secret", "list", "--vault-name", vault))
    return {str(one.get("name") or str(one.get("id")).rstrip("/").rsplit("/", 1)[-1]) for one in secrets_there}


def _write(az: Az, vault: str, name: str, version: str) -> None:
    handle, path = tempfile.mkstemp()  # only its owner can read it
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(version + base64.b64encode(secrets.token_bytes(32)).decode())
        words = ("keyvault", "secret", "set", "--vault-name", vault, "--name", name, "--file", path)
        az.until(
            lambda: _set(az, name, *words, "--encoding", "utf-8", "--query", "name"),
            lambda _: True,
            f"the right to write keys in {vault}",
        )
    except Failed as refusal:
        raise Stop(
            f"The key vault {vault} does not take the secret {name} ({refusal}): check that az is signed in with the"
            f" account that azd uses, then {AGAIN}."
        ) from refusal
    finally:
        Path(path).unlink(missing_ok=True)


def _set(az: Az, name: str, *words: str) -> None:
    try:
        az.json(*words)
    except Failed as refusal:
        if "recoverable" not in str(refusal):  # ObjectIsDeletedButRecoverable
            raise
        raise Stop(
            f"The secret {name} was deleted, and a new one would lock everybody out: recover it in the key vault (az"
            " keyvault secret recover), then run azd provision again."
        ) from refusal


def _states(answer: Any) -> dict[str, str]:
    """Return the state of the reference of each key's setting."""
    found = {}
    for item in listed(answer):
        name = str(item.get("name") or item.get("id") or "").rsplit("/", 1)[-1]
        found[name] = str((item.get("properties") or {}).get("status") or "unknown")
    return {setting: found.get(setting, "not listed") for setting, _ in KEYS.values()}
