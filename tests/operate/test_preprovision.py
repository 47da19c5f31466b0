"""The step before provisioning, run as azd runs it, with stand-ins that behave well and badly."""

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.stack.parts import ROOT
from operate.hooks.az import command_line
from operate.hooks.keys import KEYS
from tests.operate.desk import (
    DOMAIN,
    GROUP,
    OTHER,
    OUTPUTS,
    SUBSCRIPTION,
    TENANT,
    VERIFIED,
    Desk,
    checkout_in,
    desk_in,
    ended_in_a_sentence,
)

MONTH = datetime.now(UTC).strftime("%Y-%m-01")


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
        ("ACS_ROLE_ID", "x" * 36),
        ("DIRECTORY", "novell"),
        ("FRONT_DOOR_ID", "my-door"),
        ("RP_ID", "https://reset.example.org"),
        ("ACS_DATA_LOCATION", "Mars"),
        ("AZURE_LOCATION", "West Europe"),
        ("STATIC_WEB_APP_LOCATION", "francecentral"),
        ("HELPDESK", ""),
        ("HELPDESK", 'The "best"'),
        ("HELPDESK", "back\\slash"),
        ("HELPDESK", "two\nlines"),
        ("HELPDESK", "ask Anna"),
        ("AZURE_SUBSCRIPTION_ID", f"{SUBSCRIPTION}\r"),
        ("AZURE_ENV_NAME", "test\r"),
        ("REMIND_SCHEDULE", "$(secretOrRandomPassword)"),
        ("EMAIL_DOMAIN", "https://mail.example.org"),
        ("EMAIL_DOMAIN_VERIFIED", "true"),
        ("ALERT_EMAIL", "operator"),
        ("SMS_SENDERS", "0170 1234567"),
        ("MORE_WEB_ORIGINS", "https://a.example.org, *"),
        ("REMIND_SCHEDULE", "0 0 * * *"),
        ("REMIND_SCHEDULE", "0 60 * * * *"),
        ("REMIND_SCHEDULE", "0 */0 * * * *"),
        ("PURGE_SCHEDULE", "0 0 24 * * *"),
        ("PURGE_SCHEDULE", "Mon 0 3 * * *"),
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


@pytest.mark.parametrize(
    "given",
    [
        {"STORAGE_SKU": "Standard_GZRS", "AZURE_LOCATION": "italynorth"},
        {"VNET_ENABLED": "true", "VNET_APP_SUBNET": "10.84.0.0/25"},
        {"VNET_ENABLED": "true", "VNET_APP_SUBNET": "10.83.0.0/28"},
        {"VNET_ENABLED": "true", "VNET_ENDPOINT_SUBNET": "10.83.0.64/26"},
        {"VNET_ENABLED": "true", "VNET_ADDRESS_SPACE": "10.83.0.1/24"},
    ],
)
def test_values_that_azure_would_refuse_half_way_are_refused_before(desk: Desk, given: dict[str, str]) -> None:
    """A region without a pair has no second region; subnets lie in their network, and apart."""
    assert "STORAGE_SKU" in given or "VNET_" in ended_in_a_sentence(desk.hook("preprovision", **given))
    assert desk.hook("preprovision", **given).returncode == 1


@pytest.mark.parametrize(
    ("file", "text"),
    [
        *(("policy", text) for text in ('{"gate": 1}', '{"prefill_body_kib": "many"}', "[]", '{ "a": 1, // b\n}')),
        ("return-addresses", '{"Portal": "http://portal.example.org/start"}'),
    ],
)
def test_a_file_that_the_service_refuses_is_refused_before(desk: Desk, file: str, text: str) -> None:
    """The deployment would succeed, and the service would not answer. Bicep takes comments, the service does not."""
    desk.project = checkout_in(desk.folder / "checkout")
    (desk.project / "infra" / f"{file}.json").write_text(text, "utf-8")

    assert ended_in_a_sentence(desk.hook("preprovision")).startswith(f"infra/{file}.json")
    assert desk.asked == ""


@pytest.mark.parametrize(
    ("senders", "sentence"),
    [("+18005550199", "FR: +18005550199 is a toll-free number"), ("Contoso", "US: Contoso is an alphanumeric sender")],
)
def test_a_country_that_no_sender_reaches_is_refused_before(desk: Desk, senders: str, sentence: str) -> None:
    """Without a sender, the countries of the policy are not judged: a number is bought after the first deployment."""
    desk.project = checkout_in(desk.folder / "checkout")
    (desk.project / "infra" / "policy.json").write_text('{"countries": ["FR", "US"]}', "utf-8")

    refused = ended_in_a_sentence(desk.hook("preprovision", SMS_SENDERS=senders))

    assert refused.startswith(f"infra/policy.json: countries: no sender reaches {sentence}")
    assert desk.asked == ""
    assert desk.hook("preprovision").returncode == 0


@pytest.mark.parametrize("value", ["+33 (0)1 99.00.12.34", "help-desk+it@mail.example.org"])
def test_every_default_and_every_harmless_value_is_accepted(desk: Desk, value: str) -> None:
    """An empty variable means the default, where there is one."""
    defaults = json.loads((ROOT / "infra" / "main.parameters.json").read_text("utf-8"))["parameters"].values()
    given = dict(re.findall(r"\$\{(\w+)=([^}]*)\}", " ".join(entry["value"] for entry in defaults)))

    given |= {
        "HELPDESK": value,
        "SMS_SENDERS": "",
        "LOG_QUOTA_GB": "",
        "REMIND_SCHEDULE": "0 */20,5 8-18/2 1 * Mon-Fri",
    }
    done = desk.hook("preprovision", **given)

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
        (deleted_vault() | {"known": "kv-other"}, ["RECOVER_KEY_VAULT false"]),
    ],
)
def test_what_only_azure_knows_is_looked_up_and_stored(desk: Desk, azure: dict[str, Any], kept: list[str]) -> None:
    """The start of the budget, and whether a vault has to be recovered, each time anew."""
    desk.azure(**azure)

    done = desk.hook("preprovision", AZURE_KEY_VAULT_NAME=azure.get("known", ""))

    assert (done.returncode, done.stderr) == (0, "")
    assert [words for words in kept if f"azd env set {words} --environment test" not in desk.asked] == []


@pytest.mark.parametrize(
    ("azure", "exists"),
    [
        ({"group": False}, "false"),
        ({"domain": {}}, "true"),
        ({"domain": VERIFIED}, "true"),
        ({"state": "Failed"}, "false"),
    ],
)
def test_a_mail_domain_that_exists_is_not_declared_again(desk: Desk, azure: dict[str, Any], exists: str) -> None:
    """Verified or not: a deployment for another reason can come between its verification and its link."""
    desk.azure(**azure)

    assert desk.hook("preprovision", **DOMAIN).returncode == 0
    assert f"azd env set EMAIL_DOMAIN_EXISTS {exists} " in desk.asked


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
    "other tenant, by a line end": ({}, {"AZURE_TENANT_ID": f"{TENANT}\r"}, "AZURE_TENANT_ID contains a line break"),
    "other subscription": ({"subscription": OTHER}, {}, f"azd's subscription {SUBSCRIPTION}"),
    "no shape that is known": ({"says": {"budgets": {"value": [{"properties": "x"}]}}}, {}, "cannot go on"),
    "not signed in": ({"refuses": [["account show", 9, "Please run 'az login'"]]}, {}, "az login"),
    "no answer on the group": ({"refuses": [["group exists", 9, "denied"]]}, {}, "denied"),
    "an odd answer": ({"says": {"group exists": "maybe"}}, {}, "whether the resource group exists"),
    "no list of budgets": ({"refuses": [["budgets", 9, "denied"]]}, {}, "(denied): if your offer of Azure has none"),
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
    "another domain of passkeys": (
        {"says": {"config/appsettings/list": {"properties": {"SESAME_RP_ID": "old.example.org"}}}},
        {"AZURE_FUNCTION_APP_NAME": "func-test", "RP_ID": "new.example.org"},
        "azd env set RP_ID old.example.org",
    ),
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


@pytest.mark.parametrize(
    "noise",
    [
        "WARNING: an upgrade is available\n",
        "\x1b[33mhint {x}\x1b[0m\n[1] job\n",
        "\ufeff",
        "\x1b[0m",
        " | Running ..\r / Running ..\r",
    ],
)
def test_lines_that_az_prints_around_its_answer_are_passed_over(desk: Desk, noise: str) -> None:
    """Extensions and wrappers print notes to the standard output."""
    desk.azure(noise=noise, after="\nA new version is available.", **budget("2025-04-01T00:00:00Z"))

    done = desk.hook("preprovision")

    assert (done.returncode, done.stderr) == (0, "")
    assert "BUDGET_START 2025-04-01" in desk.asked


@pytest.mark.parametrize(
    ("path", "started"),
    [
        (r"C:\CLI2\wbin\az.cmd", r'"C:\CLI2\wbin\az.cmd" "group" "exists" "--name" "rg-a(b) & c"'),
        ("/usr/bin/az", ["/usr/bin/az", "group", "exists", "--name", "rg-a(b) & c"]),
    ],
)
def test_a_script_of_windows_gets_every_word_in_quotation_marks(path: str, started: object) -> None:
    """A parenthesis would end the block in which az.cmd repeats its words, and an ampersand would start a command."""
    assert command_line(path, "group", "exists", "--name", "rg-a(b) & c") == started


@pytest.mark.parametrize("file", ["operate/hooks/run.sh", "sesame"])
def test_what_sh_reads_keeps_its_line_ends_in_a_checkout_of_windows(file: str) -> None:
    """Git for Windows writes others by default, and `set -u` with one is an illegal option."""
    asked = subprocess.run(["git", "check-attr", "eol", file], cwd=ROOT, capture_output=True, text=True, check=True)

    assert asked.stdout == f"{file}: eol: lf\n"


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
