"""Checkov, an external linter. It knows few of the resource types used here, so it is not the only check."""

import shutil
from pathlib import Path

import pytest

from local.stack.parts import ROOT
from tests.infra.checkov_gate import judge

pytestmark = pytest.mark.timeout(600)  # creating its environment takes long the first time

VAULT, ACCOUNT = "Microsoft.KeyVault/vaults.vault", "Microsoft.Storage/storageAccounts.account"
PLAN, APP = "Microsoft.Web/serverfarms.plan", "Microsoft.Web/sites.app"
SETTINGS = "Microsoft.Web/sites/config.settings"
NOT_THE_SITE = "the check is for a site's configuration, and this resource contains only the app settings"

ACCEPTED = {
    ("CKV_AZURE_109", VAULT): "with a firewall, it is not certain that Key Vault references of app settings resolve",
    ("CKV_AZURE_189", VAULT): "as CKV_AZURE_109; reading needs a role, and reads are logged",
    (
        "CKV_AZURE_35",
        ACCOUNT,
    ): "the default is Deny with vnetEnabled; without a virtual network the service needs access",
    ("CKV_AZURE_59", ACCOUNT): "as CKV_AZURE_35; public access to blobs and shared keys are disabled",
    ("CKV_AZURE_206", ACCOUNT): "redundancy is a parameter, ZRS by default",
    ("CKV_AZURE_225", PLAN): "Flex Consumption does not offer zones in every region",
    ("CKV_AZURE_78", APP): "Flex Consumption has no FTP",
    ("CKV_AZURE_222", APP): "the app is public: people who forgot their password use it from the internet",
    ("CKV_AZURE_17", APP): "people who forgot their password have no client certificate",
    ("CKV_AZURE_212", APP): "Flex Consumption starts instances on demand and has no minimum",
    ("CKV_AZURE_213", APP): "Flex Consumption has no health check path; the service has /api/v1/health/ready",
    ("CKV_AZURE_66", SETTINGS): NOT_THE_SITE,
    ("CKV_AZURE_63", SETTINGS): NOT_THE_SITE,
    ("CKV_AZURE_222", SETTINGS): NOT_THE_SITE,
    ("CKV_AZURE_80", SETTINGS): NOT_THE_SITE,
    ("CKV_AZURE_13", SETTINGS): NOT_THE_SITE,
    ("CKV_AZURE_88", SETTINGS): NOT_THE_SITE,
    ("CKV_AZURE_65", SETTINGS): NOT_THE_SITE,
}


def test_checkov_reports_only_accepted_findings() -> None:
    """Every file is read, every finding is accepted with a reason, and no accepted finding is obsolete."""
    verdict = judge(ROOT / "infra")

    assert verdict.parsing_errors == ()
    assert {"app/api.bicep", "app/storage.bicep", "app/vault.bicep"} <= verdict.files_seen
    assert verdict.failed == set(ACCEPTED)


def test_the_checkov_gate_reports_new_findings_and_unread_files(tmp_path: Path) -> None:
    """Checkov exits with 0 if it cannot read a file.

    The gate counts these files and still reports findings in the others.
    """
    copy = tmp_path / "infra"
    shutil.copytree(ROOT / "infra", copy)
    (copy / "app" / "web.bicep").write_text("param tags object?\n", "utf-8")
    vault = (copy / "app" / "vault.bicep").read_text("utf-8")
    (copy / "app" / "vault.bicep").write_text(
        vault.replace("enablePurgeProtection: true", "createMode: 'default'"), "utf-8"
    )

    verdict = judge(copy)

    assert [Path(path).name for path in verdict.parsing_errors] == ["web.bicep"]
    assert {check for check, resource in verdict.failed - set(ACCEPTED) if resource == VAULT} >= {"CKV_AZURE_110"}
