"""The steps of operate/hooks, run as azd runs them, with stand-ins that behave well and badly."""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.stack.parts import ROOT
from operate.hooks.environment import parameters
from operate.hooks.keys import KEYS
from shared.settings import settings_from
from tests.infra.tables import SECRETS
from tests.operate.desk import (
    AS_DEPLOYED,
    AZD,
    OTHER,
    OUTPUTS,
    SUBSCRIPTION,
    TENANT,
    Desk,
    checkout_in,
    desk_in,
    ended_in_a_sentence,
)

MONTH = datetime.now(UTC).strftime("%Y-%m-01")
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-test"
VERIFIED = dict.fromkeys(("Domain", "SPF", "DKIM", "DKIM2"), "Verified")
DOMAIN = {"EMAIL_DOMAIN": "mail.example.org"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_in(tmp_path)


def deleted_vault(group: str = GROUP, region: str = "westeurope") -> dict[str, Any]:
    place = f"{group}/providers/Microsoft.KeyVault/vaults/kv-test"
    return {"lists": {"keyvault": [{"name": "kv-test", "properties": {"vaultId": place, "location": region}}]}}


def budget(start: str) -> dict[str, Any]:
    return {"budgets": [{"name": "sesame", "properties": {"timePeriod": {"startDate": start}}}]}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("VNET_ENABLED", "yes"),
        ("VNET_ENABLED", "TRUE"),
        ("VNET_ENABLED", "1"),
        ("USE_PROXY_SETTINGS", " true"),
        ("EMAIL_DOMAIN_VERIFIED", "ja"),
        ("HTTP_CONCURRENCY", "16x"),
        ("HTTP_CONCURRENCY", "0"),
        ("HTTP_CONCURRENCY", "1e3"),
        ("MAXIMUM_INSTANCE_COUNT", "39"),
        ("INSTANCE_MEMORY_MB", "1024"),
        ("LOG_QUOTA_GB", "-1"),
        ("MONTHLY_SPEND", "99.5"),
        ("STORAGE_SKU", "standard_zrs"),
        ("ACS_ROLE_ID", "Owner"),
        ("ACS_DATA_LOCATION", "Mars"),
        ("AZURE_LOCATION", "West Europe"),
        ("STATIC_WEB_APP_LOCATION", "francecentral"),
        ("PRODUCT_NAME", 'The "best"'),
        ("PRODUCT_NAME", "back\\slash"),
        ("PRODUCT_NAME", "two\nlines"),
        ("REMIND_SCHEDULE", "$(secretOrRandomPassword)"),
        ("EMAIL_DOMAIN", "https://mail.example.org"),
        ("EMAIL_DOMAIN_VERIFIED", "true"),
        ("AZURE_ENV_NAME", "prod."),
        ("AZURE_ENV_NAME", "pröd"),
        ("AZURE_SUBSCRIPTION_ID", ""),
        ("AZURE_LOCATION", ""),
    ],
)
def test_a_value_that_azd_would_drop_or_choke_on_is_refused_by_its_name(desk: Desk, variable: str, value: str) -> None:
    """Nothing is looked up or stored then. Azd alone would take the default without a word, or fail in its file."""
    sentence = ended_in_a_sentence(desk.hook("preprovision", **{variable: value}))

    assert sentence.startswith(variable)
    assert desk.asked == ""


def test_copies_in_a_second_region_need_a_region_that_has_a_pair(desk: Desk) -> None:
    """Azure refuses it in the middle of the deployment."""
    given = {"STORAGE_SKU": "Standard_GZRS", "AZURE_LOCATION": "italynorth"}

    assert "has not" in ended_in_a_sentence(desk.hook("preprovision", **given))


@pytest.mark.parametrize("value", ["L'Étoile & <b> ${x}", "Sésame"])
def test_every_default_and_every_harmless_value_is_accepted(desk: Desk, value: str) -> None:
    """An empty variable means the default; odd characters that azd passes on are allowed."""
    defaults = json.loads((ROOT / "infra" / "main.parameters.json").read_text("utf-8"))["parameters"].values()
    given = dict(re.findall(r"\$\{(\w+)=([^}]*)\}", " ".join(entry["value"] for entry in defaults)))

    done = desk.hook("preprovision", **(given | {"PRODUCT_NAME": value, "SMS_SENDER": "", "LOG_QUOTA_GB": ""}))

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("azure", "kept"),
    [
        ({"group": False}, [f"BUDGET_START {MONTH}", "RECOVER_KEY_VAULT false"]),
        ({}, [f"BUDGET_START {MONTH}", "RECOVER_KEY_VAULT false"]),
        (budget("2025-04-01T00:00:00Z"), ["BUDGET_START 2025-04-01"]),
        (deleted_vault(), ["RECOVER_KEY_VAULT true"]),
        (deleted_vault(GROUP.upper(), "West Europe"), ["RECOVER_KEY_VAULT true"]),
        (deleted_vault(f"{GROUP}-2"), ["RECOVER_KEY_VAULT false"]),
        (deleted_vault(region="uksouth"), ["RECOVER_KEY_VAULT false"]),
    ],
)
def test_what_only_azure_knows_is_looked_up_and_stored(desk: Desk, azure: dict[str, Any], kept: list[str]) -> None:
    """The start of the budget, and whether a vault has to be recovered, each time anew."""
    desk.azure(**azure)

    done = desk.hook("preprovision")

    assert (done.returncode, done.stderr) == (0, "")
    assert [words for words in kept if f"azd env set {words} --environment test" not in desk.asked] == []


def test_what_an_earlier_deployment_left_is_removed_only_if_its_group_is_gone(desk: Desk) -> None:
    """Role assignments of this group alone; and a mail domain that was deleted is not verified any more."""
    left = [{"id": "/a/1", "scope": f"{GROUP}/x"}, {"id": "/a/2", "scope": f"{GROUP}-2/x"}]
    for group in (True, False):
        desk.azure(group=group, lists={"role": left}, domain=VERIFIED)
        assert desk.hook("preprovision", EMAIL_DOMAIN_VERIFIED="true", **DOMAIN).returncode == 0
        assert ("delete --ids /a/1 " in desk.asked) is ("EMAIL_DOMAIN_VERIFIED false" in desk.asked) is not group
    assert "/a/2" not in desk.asked


UNVERIFIED = VERIFIED | {"DKIM2": "VerificationInProgress"}
BAD = {
    "other tenant": ({"tenant": OTHER}, {"AZURE_TENANT_ID": TENANT}, f"az login --tenant {TENANT}"),
    "not signed in": ({"refuses": [["account show", 9, "Please run 'az login'"]]}, {}, "az login"),
    "no answer on the group": ({"refuses": [["group exists", 9, "denied"]]}, {}, "denied"),
    "an odd answer": ({"says": {"group exists": "maybe"}}, {}, "whether the resource group exists"),
    "no list of budgets": ({"refuses": [["budgets", 9, "denied"]]}, {}, "denied"),
    "null for vaults": ({"says": {"list-deleted": None}}, {}, "did not answer with a list"),
    "an error in JSON, and success": ({"says": {"list-deleted": {"error": "x"}}}, {}, "did not answer with a list"),
    "no list of roles": ({"group": False, "refuses": [["role assignment", 9, "denied"]]}, {}, "denied"),
    "no JSON": ({"noise": "warning: "}, {}, "no JSON"),
    "domain not verified": (
        {"domain": UNVERIFIED},
        DOMAIN | {"EMAIL_DOMAIN_VERIFIED": "true"},
        "DKIM2 is Verification",
    ),
    "domain not there": ({}, DOMAIN | {"EMAIL_DOMAIN_VERIFIED": "true"}, "Domain is NotStarted"),
    "azd stores nothing": ({"refuses": [["env set", 9, "read-only"]]}, {}, "azd cannot store"),
}


@pytest.mark.parametrize("name", BAD)
def test_preprovision_ends_in_one_sentence_if_azure_does_not_answer_well(desk: Desk, name: str) -> None:
    """Otherwise an existing budget or vault would look new, or half a deployment would be made elsewhere."""
    azure, given, words = BAD[name]
    desk.azure(**azure)

    assert words in ended_in_a_sentence(desk.hook("preprovision", **given))
    assert "azd env set" not in desk.asked or name in {"no list of roles", "null for vaults", "azd stores nothing"} | {
        "an error in JSON, and success"
    }


@pytest.mark.parametrize("program", ["az", "azd", "python3"])
def test_a_program_that_is_missing_is_named(desk: Desk, program: str) -> None:
    """Nothing is asked for. Without Python the launcher says so itself."""
    (desk.folder / "bin" / program).unlink()
    path = {"PATH": str(desk.folder / "bin")}  # a machine may have these programs
    for tool in ("sh", "dirname"):
        (desk.folder / "bin" / tool).symlink_to(f"/bin/{tool}" if Path(f"/bin/{tool}").exists() else f"/usr/bin/{tool}")

    sentence = ended_in_a_sentence(desk.hook("preprovision", **path))

    assert {"az": "Azure CLI", "azd": "Azure Developer CLI", "python3": "Python 3.11"}[program] in sentence


@pytest.mark.parametrize("noise", ["WARNING: an upgrade is available\n", "\x1b[33mhint {x}\x1b[0m\n[1] job\n"])
def test_lines_that_az_prints_around_its_answer_are_passed_over(desk: Desk, noise: str) -> None:
    """Extensions and wrappers print notes to the standard output."""
    desk.azure(noise=noise, after="\nA new version is available.", **budget("2025-04-01T00:00:00Z"))

    done = desk.hook("preprovision")

    assert (done.returncode, done.stderr) == (0, "")
    assert "BUDGET_START 2025-04-01" in desk.asked


def test_a_checkout_in_a_folder_with_a_space_can_be_deployed(desk: Desk) -> None:
    """Every hook of azure.yaml: azd passes paths to the shell without quotation marks."""
    desk.project = checkout_in(desk.folder / "my own 'checkout'")

    for done in (
        desk.hook("preprovision"),
        desk.hook("postprovision", **OUTPUTS),
        desk.hook("predeploy", "web", **OUTPUTS),
    ):
        assert (done.returncode, done.stderr) == (0, "")
    assert len(desk.vault) == len(KEYS)


def test_five_different_keys_are_made_that_the_service_accepts_and_nobody_sees(desk: Desk) -> None:
    """shared/settings.py takes them under the names of the templates; none is printed, passed on, or left in a file."""
    done = desk.hook("postprovision", **OUTPUTS)

    assert (done.returncode, done.stderr) == (0, "")
    settings = settings_from(AS_DEPLOYED | {setting: desk.vault[key] for setting, key in SECRETS.items()})
    keys = {settings.index_key, *settings.code_keys.values(), *settings.token_keys.values()}
    assert len(keys | {*settings.seal_keys.values(), *settings.peppers.values()}) == len(SECRETS) == len(desk.vault)
    assert [value for value in desk.vault.values() if value[2:] in done.stdout + desk.asked] == []
    left = {path.name for path in desk.folder.iterdir()} - {".cache"}
    assert left == {"bin", "vault", "asked", "words", "azure.json", "stand_in.py", "azd-postprovision-1.sh"}
    assert {secret: setting for secret, (setting, _) in KEYS.items()} == {key: name for name, key in SECRETS.items()}


def test_a_key_is_never_replaced_or_read(desk: Desk) -> None:
    """A replaced key would lock everybody out. Only a missing one is made."""
    desk.hook("postprovision", **OUTPUTS)
    first = desk.vault
    (desk.folder / "vault" / "sesame-peppers").unlink()

    assert desk.hook("postprovision", **OUTPUTS).returncode == 0

    assert desk.vault | {"sesame-peppers": ""} == first | {"sesame-peppers": ""}
    assert desk.vault["sesame-peppers"] != first["sesame-peppers"]
    assert "secret show" not in desk.asked


def test_roles_and_references_that_take_their_time_are_waited_for(desk: Desk) -> None:
    """The refresh is asked for again, because the platform keeps what it saw for a day."""
    slow = [["keyvault secret list", 2, "Forbidden"], ["keyvault secret set", 2, "Forbidden"], ["/refresh", 1, "429"]]
    desk.azure(refuses=slow, resolves=2)

    done = desk.hook("postprovision", SESAME_HOOK_TRIES="4", **OUTPUTS)

    assert (done.returncode, done.stderr) == (0, "")
    assert desk.asked.count("/config/configreferences/appsettings/refresh?api-version=") == 3
    assert "The app sees all its keys" in done.stdout
    assert all(f"--subscription {SUBSCRIPTION}" in line for line in desk.asked.splitlines() if line.startswith("az "))


LATE = {
    "roles never": ({"refuses": [["secret list", 99, "Forbidden"]]}, {}, "none was generated", 0),
    "writing never": ({"refuses": [["secret set", 99, "Forbidden"]]}, {}, "does not take the secret", 0),
    "a deleted key": ({"refuses": [["secret set", 99, "deleted but recoverable state"]]}, {}, "recover it", 0),
    "references never": ({"resolves": 99}, {}, "SESAME_PEPPERS is AccessToKeyVaultDenied", 5),
    "references unlisted": ({"settings": []}, {}, "SESAME_INDEX_KEY is not listed", 5),
    "references unknown": ({"refuses": [["configreferences", 99, "denied"]]}, {}, "denied", 5),
    "other tenant": ({"tenant": OTHER}, {}, f"tenant {OTHER}", 0),
    "nothing provisioned": ({}, {"AZURE_KEY_VAULT_NAME": ""}, "AZURE_KEY_VAULT_NAME is not set", 0),
    "no state of the domain": ({"refuses": [["/domains", 99, "denied"]]}, DOMAIN, "mail.example.org", 5),
    "no token of GitHub": (
        {},
        {"ACTIONS_ID_TOKEN_REQUEST_URL": "x", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "y"},
        "token",
        0,
    ),
}


@pytest.mark.parametrize("name", LATE)
def test_postprovision_ends_in_one_sentence_if_the_app_could_not_work(desk: Desk, name: str) -> None:
    """No key is made if the vault does not answer: nobody knows then whether it is empty."""
    azure, given, words, keys = LATE[name]
    desk.azure(**azure)

    assert words in ended_in_a_sentence(desk.hook("postprovision", **(OUTPUTS | given)))
    assert len(desk.vault) == keys


DONE = {"SMS_SENDER": "+14255550100", "ALERT_EMAIL": "operator@example.org", "EMAIL_DOMAIN_VERIFIED": "true"} | DOMAIN


@pytest.mark.parametrize(
    ("given", "domain", "says", "not_yet"),
    [
        ({}, {}, ["SMS_SENDER", "EMAIL_DOMAIN ", "ALERT_EMAIL", "Microsoft Graph"], ["YOUR_PUBLIC"]),
        (DONE, VERIFIED, ["support\n   ticket", "Microsoft Graph", "give_up_keys"], ["azd env set"]),
        (DOMAIN, UNVERIFIED, ["SPF      Verified", "DKIM2    VerificationInProgress", "v-DKIM2"], ["v-SPF"]),
        (DOMAIN, VERIFIED, ["EMAIL_DOMAIN_VERIFIED true"], ["verify_domain"]),
        ({"VNET_ENABLED": "true"}, {}, ["administrator NAME YOUR_PUBLIC_IPV4_ADDRESS"], []),
    ],
)
def test_the_list_of_what_is_left_names_open_steps_only(
    desk: Desk, given: dict[str, str], domain: dict[str, str], says: list[str], not_yet: list[str]
) -> None:
    """Each record of the mail domain with its state; the domain is linked only after all are verified."""
    desk.azure(domain=domain)

    done = desk.hook("postprovision", **(OUTPUTS | given))

    assert [words for words in says if words not in done.stdout] == []
    assert [words for words in not_yet if words in done.stdout] == []


def test_the_domain_is_verified_record_by_record(desk: Desk) -> None:
    """Only what is not verified is asked for; the body is in a file, which every shell can name."""
    desk.azure(domain=UNVERIFIED)

    done = desk.step("verify_domain", **DOMAIN)

    assert "DKIM2    VerificationInProgress" in done.stdout
    assert desk.asked.count("/initiateVerification?") == desk.asked.count("--body @") == 1


@pytest.mark.parametrize("network", ["false", "true"])
def test_the_first_administrator_is_made_and_what_was_opened_is_closed(desk: Desk, network: str) -> None:
    """With a private network too, from one address; also if the account cannot be made."""
    desk.hook("postprovision", **OUTPUTS)
    desk.project = checkout_in(desk.folder / "checkout")
    words = ["ada", "9.9.9.9"] if network == "true" else ["ada"]
    python = desk.project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    seen = desk.folder / "seen"

    for fault, code in (("", 0), ("echo Already exists. >&2; exit 1", 1)):
        python.write_text(f"#!/bin/sh\n{fault}\nenv >{seen}\n", "utf-8")
        python.chmod(0o755)
        done = desk.step("administrator", *words, VNET_ENABLED=network)
        assert done.returncode == code, done.stderr

    environment = dict(line.split("=", 1) for line in seen.read_text("utf-8").splitlines() if "=" in line)
    assert settings_from(environment).table_service == "https://sttest.table.core.windows.net"
    assert (
        desk.asked.count("role assignment create") == desk.asked.count("role assignment delete --ids /made/role") == 2
    )
    for change in ("add", "remove"):
        assert desk.asked.count(f"network-rule {change}") == (2 if network == "true" else 0)


@pytest.mark.parametrize(("whose", "code"), [("me", 0), ("you", 1)])
def test_only_the_own_right_to_keys_is_given_up(desk: Desk, whose: str, code: int) -> None:
    """Of the person who is signed in to az, on the vault itself."""
    desk.azure(lists={"role": [{"id": "/a/1", "principalId": whose}]})

    assert desk.step("give_up_keys").returncode == code
    assert desk.asked.count("role assignment delete --ids /a/1 ") == 1 - code


@pytest.mark.parametrize("address", [[], ["10.0.0.1"], ["myself"]])
def test_with_a_private_network_a_public_address_is_asked_for(desk: Desk, address: list[str]) -> None:
    """Before anything is opened."""
    assert "public IPv4" in ended_in_a_sentence(desk.step("administrator", "ada", *address, VNET_ENABLED="true"))
    assert "az " not in desk.asked


# PowerShell is in no package index, but on the machines of the workflow. Elsewhere the test does not exist, so that
# nothing is skipped under CI.
if PWSH := shutil.which("pwsh"):

    def test_the_launcher_for_powershell_does_the_same(desk: Desk) -> None:
        """A step that succeeds and one that fails, from a folder with a space, and no Python at all."""
        desk.project = checkout_in(desk.folder / "my checkout")
        assert desk.hook_of_windows("preprovision").returncode == 0
        assert "BUDGET_START" in desk.asked
        assert "VNET_ENABLED" in ended_in_a_sentence(desk.hook_of_windows("preprovision", VNET_ENABLED="yes"))

        (desk.folder / "bin" / "pwsh").symlink_to(PWSH)
        (desk.folder / "bin" / "python3").unlink()
        nothing = desk.hook_of_windows("preprovision", PATH=str(desk.folder / "bin"))
        assert "Python 3.11" in ended_in_a_sentence(nothing)


def test_a_preview_changes_nothing(desk: Desk) -> None:
    """Azd runs both hooks around `azd provision --preview` too, and does not tell them."""
    desk.azure(group=False, lists={"role": [{"id": "/a/1", "scope": f"{GROUP}/x"}]})

    for event in ("preprovision", "postprovision"):
        assert desk.hook(event, SESAME_PREVIEW="true").returncode == 0
    assert "role assignment" not in desk.asked


def test_the_hooks_read_only_variables_that_azd_sets() -> None:
    """The subscription, and outputs and parameters of the templates; others begin with SESAME_ or are GitHub's."""
    main = (ROOT / "infra" / "main.bicep").read_text("utf-8")
    given = {*AZD, "AZURE_CLIENT_ID", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"}
    given |= {found.variable for found in parameters()} - {"AZURE_PRINCIPAL_ID", "AZURE_PRINCIPAL_TYPE"}
    given |= set(re.findall(r"^output ([A-Z_]+) ", main, re.MULTILINE))
    read = set()
    for path in (ROOT / "operate" / "hooks").glob("*.py"):
        read |= set(re.findall(r"given(?:\[|\.(?:get|yes)\()['\"]([A-Z_]+)", path.read_text("utf-8")))

    assert {name for name in read if not name.startswith("SESAME_")} <= given
