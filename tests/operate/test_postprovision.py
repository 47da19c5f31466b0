"""The step after provisioning, and the steps by hand, run as azd runs them, with stand-ins that behave badly."""

import re
import shutil
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
    sign_in_from_a_workflow,
)

UNVERIFIED = VERIFIED | {"DKIM2": "VerificationInProgress"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_in(tmp_path)


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


TRACEBACK = (
    "The command failed with an unexpected error. Here is the traceback:\nERROR: list index out of range\n"
    "Traceback (most recent call last):\n  File x"
)
LATE = {
    "roles never": ({"refuses": [["secret list", 99, "Forbidden"]]}, {}, "none was generated", 0),
    "writing never": ({"refuses": [["secret set", 99, "Forbidden"]]}, {}, "does not take the secret", 0),
    "a fault in az": ({"refuses": [["configreferences", 99, TRACEBACK]]}, {}, "keys (list index out of range)", 5),
    "a deleted key": ({"refuses": [["secret set", 99, "deleted but recoverable state"]]}, {}, "recover it", 0),
    "references never": ({"resolves": 99}, {}, "SESAME_PEPPERS is AccessToKeyVaultDenied", 5),
    "references unlisted": ({"settings": []}, {}, "SESAME_INDEX_KEY is not listed", 5),
    "references unknown": ({"refuses": [["configreferences", 99, "denied"]]}, {}, "denied", 5),
    "references without identity": ({"state_of_references": "MSINotEnabled"}, {}, "SESAME_PEPPERS is MSINotEnabled", 5),
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


A_RIGHT_IS_MISSING = {"roles never", "writing never", *(name for name in LATE if name.startswith("references"))}
A_RIGHT_IS_MISSING -= {"references unknown"}


@pytest.mark.parametrize("name", LATE)
def test_postprovision_ends_in_one_sentence_if_the_app_could_not_work(desk: Desk, name: str) -> None:
    """No key is made if the vault does not answer: nobody knows then whether it is empty."""
    azure, given, words, keys = LATE[name]
    desk.azure(**azure)

    sentence = ended_in_a_sentence(desk.hook("postprovision", **(OUTPUTS | given)))
    assert words in sentence
    assert len(desk.vault) == keys
    # azd alone would skip a deployment that changes nothing, and the right that is missing would stay away.
    assert ("azd provision --no-state" in sentence) is (name in A_RIGHT_IS_MISSING)


EXPIRED = "AADSTS70043: The refresh token has expired.\nInteractive authentication is needed. Please run:\naz login"


@pytest.mark.parametrize("call", ["account show", "secret list", "secret set", "/refresh?", "/domains?"])
@pytest.mark.parametrize("says", [EXPIRED, "Please run 'az login' to setup account."])
def test_a_session_that_ends_in_the_middle_is_named_at_once(desk: Desk, call: str, says: str) -> None:
    """It does not come back by waiting, as a right does."""
    desk.azure(refuses=[[call, 99, says]])

    sentence = ended_in_a_sentence(desk.hook("postprovision", **OUTPUTS, **DOMAIN))

    assert sentence.startswith("The Azure CLI is not signed in any more")
    assert sum(call in line for line in desk.asked.splitlines()) == 1


def test_a_workflow_signs_in_again_before_the_keys_are_made(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """GitHub's first token is too old by then (AADSTS700024). The new one is hidden in the log."""
    sign_in_from_a_workflow(desk)

    assert f"az login --service-principal --username client --tenant {TENANT} --federated-token token" in desk.asked
    assert capsys.readouterr().out == "::add-mask::token\n"


DONE = {"SMS_SENDERS": "+18005550199", "ALERT_EMAIL": "operator@example.org", "EMAIL_DOMAIN_VERIFIED": "true"} | DOMAIN


@pytest.mark.parametrize(
    ("given", "domain", "says", "not_yet"),
    [
        (
            {},
            {},
            [
                "nobody is offered mobile_phone",
                "people can reset with email and auth",
                "SMS_SENDERS",
                "EMAIL_DOMAIN ",
                "ALERT_EMAIL",
                "Microsoft Graph",
            ],
            ["YOUR_PUBLIC"],
        ),
        (DONE, VERIFIED, ["support\n   ticket", "Microsoft Graph", "give_up_keys", "--no-state"], ["azd env set"]),
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


@pytest.mark.parametrize(
    ("step", "network", "program"),
    [
        ("administrator", "false", "operate.add_person --role=administrator -- ada"),
        ("auditor", "false", "operate.add_person --role=auditor -- ada"),
        ("add_person", "true", "operate.add_person -- ada"),
        ("export_tables", "true", "operate.backup export ada"),
        ("import_tables", "false", "operate.backup import ada"),
        ("add_tables", "false", "operate.backup import --add ada"),
        ("check_tables", "false", "operate.backup check ada"),
    ],
)
def test_a_program_runs_on_the_tables_and_what_was_opened_is_closed(
    desk: Desk, step: str, network: str, program: str
) -> None:
    """With a private network too, from one address; also if the program fails."""
    desk.hook("postprovision", **OUTPUTS)
    desk.project = checkout_in(desk.folder / "checkout")
    words = ["ada", "9.9.9.9"] if network == "true" else ["ada"]
    python = desk.project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    seen = desk.folder / "seen"

    for fault, code in (("", 0), ("echo az: no token >&2; echo It exists already. >&2; exit 1", 1)):
        python.write_text(f"#!/bin/sh\n{fault}\nenv >{seen}\necho WORDS=$* >>{seen}\n", "utf-8")
        python.chmod(0o755)
        done = desk.step(step, *words, VNET_ENABLED=network)
        assert (done.returncode, done.stderr) == (code, "It exists already.\n" * code)

    environment = dict(line.split("=", 1) for line in seen.read_text("utf-8").splitlines() if "=" in line)
    assert environment["WORDS"] == f"-m {program}"
    assert settings_from(environment).table_service == "https://sttest.table.core.windows.net"
    assert (
        desk.asked.count("role assignment create") == desk.asked.count("role assignment delete --ids /made/role") == 4
    )
    for change in ("add", "remove"):
        assert desk.asked.count(f"network-rule {change}") == (2 if network == "true" else 0)


def test_a_right_that_the_person_has_anyway_is_not_taken_away_and_one_that_stays_is_named(desk: Desk) -> None:
    """Whatever becomes of the account."""
    desk.project = checkout_in(desk.folder / "checkout")
    desk.azure(lists={"role": [{"id": "/a/1", "principalId": "me"}]}, noise="WARNING: an upgrade is available\n")
    assert "no Python environment" in ended_in_a_sentence(desk.step("administrator", "ada"))
    assert "role assignment create" not in desk.asked
    assert "role assignment delete" not in desk.asked

    desk.azure(refuses=[["role assignment delete", 9, "denied"]])
    assert (
        "Attention: you still have the role Key Vault Secrets User on kv-test" in desk.step("administrator", "a").stderr
    )


@pytest.mark.parametrize(
    ("azure", "says"),
    [
        ({"says": {"get-values": None}}, "no variables"),
        ({"says": {"get-values": []}}, "no variables"),
        ({"refuses": [["get-values", 1, "no project exists"]]}, "(no project exists)"),
    ],
)
def test_a_step_by_hand_names_an_environment_that_azd_does_not_tell(
    desk: Desk, azure: dict[str, Any], says: str
) -> None:
    """What azd prints about its own failure is no variable."""
    desk.azure(**azure)

    assert says in ended_in_a_sentence(desk.step("give_up_keys"))


@pytest.mark.parametrize(("whose", "code"), [("me", 0), ("you", 1)])
def test_only_the_own_right_to_keys_is_given_up(desk: Desk, whose: str, code: int) -> None:
    """Of the person who is signed in to az, on the vault itself."""
    desk.azure(lists={"role": [{"id": "/a/1", "principalId": whose}]})

    assert desk.step("give_up_keys").returncode == code
    assert desk.asked.count("role assignment delete --ids /a/1 ") == 1 - code


@pytest.mark.parametrize(
    ("step", "words", "silent"),
    [
        ("administrator", ["ada"], "role assignment list"),
        ("give_up_keys", [], "role assignment list"),
        ("give_up_keys", [], "get-access-token"),
        ("verify_domain", [], "/emailServices?"),
        ("verify_domain", [], "/domains?"),
        ("refresh_keys", [], "/configreferences/appsettings?"),
    ],
)
@pytest.mark.parametrize("nothing", [None, "x", {"error": "x"}])
def test_no_answer_is_not_an_empty_list(desk: Desk, step: str, words: list[str], silent: str, nothing: object) -> None:
    """A right that the person has would be given and taken away, or a record reported that nobody has seen."""
    desk.azure(says={silent: nothing})

    sentence = ended_in_a_sentence(desk.step(step, *words, **DOMAIN))
    assert ("does not name who" if "token" in silent else "did not answer with a list") in sentence
    assert "role assignment create" not in desk.asked


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
