"""Runs a program of operate/ on the tables of the deployment, in a checkout that `./sesame` has set up.

The rights that it needs for some minutes are given and taken away again: to write tables, to read the keys, and, with a
private network, to reach the storage from one address.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from typing import Any

from operate.hooks.az import Az, Failed, Stop, listed, one_line, run, say, warn
from operate.hooks.environment import ROOT, Environment
from operate.hooks.keys import KEYS

TABLES, KEYS_READER = "Storage Table Data Contributor", "Key Vault Secrets User"
TOO_EARLY = "Try again later"
"""What a program of operate/ says while the right has not taken effect."""


def on_tables(given: Environment, address: str, *words: str, failed: str) -> None:
    """Run `python -m WORDS` with the settings and keys of the deployment, and what it prints shown.

    Raises:
        Stop: a right, a key or the address is missing, or the program failed; what was opened is closed again.
    """
    if given.yes("VNET_ENABLED") and not _public(address):
        raise Stop(
            "The storage is closed to all networks but its own, so name the public IPv4 address that you call from, as"
            " the last word: 203.0.113.7."
        )
    az = given.az()
    _same_default(given, az)
    group = f"/subscriptions/{az.subscription}/resourceGroups/{given.group}/providers"
    account = f"{group}/Microsoft.Storage/storageAccounts/{given['AZURE_STORAGE_ACCOUNT_NAME']}"
    vault = f"{group}/Microsoft.KeyVault/vaults/{given['AZURE_KEY_VAULT_NAME']}"
    try:
        with (
            _admitted(az, given, address if given.yes("VNET_ENABLED") else ""),
            _allowed(az, TABLES, account),
            _allowed(az, KEYS_READER, vault),
        ):
            _run(given, az, words, failed)
    except Failed as refusal:
        raise Stop(f"{failed} ({refusal}): repeat the command.") from refusal


def _public(address: str) -> bool:
    try:
        return IPv4Address(address).is_global
    except ValueError:
        return False


def _same_default(given: Environment, az: Az) -> None:
    """Refuse if az's default subscription is in another tenant: the tables are opened with a token of that tenant."""
    default = run("az", "account", "show", "--query", "tenantId", "--output", "tsv", environ=given.values)
    wanted = (az.json("account", "show") or {}).get("tenantId")
    if str(wanted) not in default.stdout.split():  # a warning can stand beside it
        raise Stop(
            f"The default subscription of az is in another tenant: run az account set --subscription {az.subscription},"
            " then repeat the command."
        )


@contextmanager
def _admitted(az: Az, given: Environment, address: str) -> Iterator[None]:
    """Let one address reach the storage, and shut it out again."""
    storage = given["AZURE_STORAGE_ACCOUNT_NAME"]
    rule = ("--account-name", storage, "--resource-group", given.group, "--ip-address", address)
    if address:
        az.json("storage", "account", "network-rule", "add", *rule)
    try:
        yield
    finally:
        if address:
            _undo(az, f"{address} can still reach {storage}", "storage", "account", "network-rule", "remove", *rule)


@contextmanager
def _allowed(az: Az, role: str, scope: str) -> Iterator[None]:
    """Give the signed-in person a role that they do not have, and take it away again."""
    person = az.principal()
    listing = ("role", "assignment", "list", "--scope", scope, "--role", role, "--fill-principal-name", "false")
    if any(one.get("principalId") == person for one in listed(az.json(*listing))):
        yield
        return
    whom = ("--assignee-object-id", person, "--assignee-principal-type", "User")
    made = az.json("role", "assignment", "create", *whom, "--role", role, "--scope", scope) or {}
    try:
        yield
    finally:
        left = f"you still have the role {role} on {scope.rpartition('/')[2]}"
        _undo(az, left, "role", "assignment", "delete", "--ids", str(made.get("id")))


def _undo(az: Az, left: str, *words: str) -> None:
    """Run a command that closes something, and say so if it stays open: the outcome of the step is another matter."""
    try:
        az.json(*words)
    except (Failed, Stop) as refusal:
        warn(f"Attention: {left} ({refusal}). Remove it in the portal.")


def _run(given: Environment, az: Az, words: tuple[str, ...], failed: str) -> None:
    python = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        raise Stop("This checkout has no Python environment: run ./sesame check once, then repeat the command.")
    settings = {
        **given.values,
        "SESAME_STORAGE_ACCOUNT": given["AZURE_STORAGE_ACCOUNT_NAME"],
        "SESAME_ACS_ENDPOINT": given["ACS_ENDPOINT"],
        "SESAME_EMAIL_SENDER": given["EMAIL_SENDER"],
        "PYTHONIOENCODING": ":replace",  # a console of Windows may not have every character
    }
    for secret, (setting, _) in KEYS.items():
        settings[setting] = _key(az, given["AZURE_KEY_VAULT_NAME"], secret)
    for turn in range(1, az.tries + 1):
        sys.stdout.flush()
        done = subprocess.run(  # noqa: S603  (no shell reads the words)
            [str(python), "-m", *words],
            cwd=ROOT,
            env=settings,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode == 0:
            return
        if TOO_EARLY not in done.stderr or turn == az.tries:
            # The libraries write their own warnings before the sentence of the program.
            *_, said = done.stderr.splitlines() or [failed]
            raise Stop(f"{one_line(said)}.")
        if turn == 1:
            say("Waiting for the right to write tables ...")
        time.sleep(az.pause)


def _key(az: Az, vault: str, secret: str) -> str:
    words = ("keyvault", "secret", "show", "--vault-name", vault, "--name", secret)
    found: Any = az.until(lambda: az.json(*words), lambda _: True, f"the right to read keys in {vault}")
    value = found.get("value") if isinstance(found, dict) else None
    if not value:
        raise Failed(f"the key vault does not show {secret}")
    return str(value)
