"""What the templates may declare: resource types, rights, safe values and settings, with their sources."""

import re
from typing import Any

from local.setup.locks import DEPLOYED

GUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
HYPHENS = "[a-zA-Z0-9](-?[a-zA-Z0-9])"  # no hyphen at the ends, none twice
WORD = r"[a-zA-Z0-9]([\w.-]{0,62}\w)?"
ZONE = r"format\('privatelink\.\{0\}\.\{1\}', '(blob|queue|table)', environment\(\)\.suffixes\.storage\)"
TYPES = {
    # type: (version, the public template that is deployed with it, what the name must be)
    "Authorization/roleAssignments": ("2022-04-01", "web/site", GUID),
    "CognitiveServices/accounts": ("2025-06-01", "cognitive-services/account", "[a-zA-Z0-9][a-zA-Z0-9-]{1,63}"),
    "Communication/communicationServices": ("2025-09-01", "communication/communication-service", f"{HYPHENS}{{0,62}}"),
    "Communication/emailServices": ("2025-09-01", "communication/email-service", f"{HYPHENS}{{0,62}}"),
    "Communication/emailServices/domains": ("2025-09-01", "communication/email-service", r"AzureManagedDomain|([a-z0-9-]+\.)+[a-z]+"),
    "Consumption/budgets": ("2023-11-01", "consumption/budget/rg-scope", r"[\w-]{1,63}"),
    "EventGrid/systemTopics": ("2025-02-15", "event-grid/system-topic", "[a-zA-Z0-9-]{3,50}"),
    "EventGrid/systemTopics/eventSubscriptions": ("2025-02-15", "event-grid/system-topic", "[a-zA-Z0-9-]{3,64}"),
    "Insights/actionGroups": ("2023-01-01", "insights/activity-log-alert", WORD),
    "Insights/components": ("2020-02-02", "insights/component", WORD),
    "Insights/diagnosticSettings": ("2021-05-01-preview", "web/site", WORD),
    "Insights/scheduledQueryRules": ("2022-06-15", "Azure/azure-monitor-baseline-alerts", WORD),
    "Insights/workbooks": ("2023-06-01", "ptn/sa/chat-with-your-data", GUID),
    "KeyVault/vaults": ("2024-11-01", "key-vault/vault", "[a-zA-Z](-?[a-zA-Z0-9]){2,23}"),
    "ManagedIdentity/userAssignedIdentities": ("2024-11-30", "managed-identity/user-assigned-identity", r"[a-zA-Z0-9][\w-]{2,127}"),
    "Network/networkSecurityGroups": ("2025-05-01", "network/network-security-group", WORD),
    "Network/privateDnsZones": ("2024-06-01", "ptn/network/private-link-private-dns-zones", rf"\[{ZONE}\]"),
    "Network/privateDnsZones/virtualNetworkLinks": ("2024-06-01", "ptn/network/private-link-private-dns-zones", rf"\[format\('\{{0\}}/\{{1\}}', {ZONE}, '{WORD}'\)\]"),
    "Network/privateEndpoints": ("2025-05-01", "network/private-endpoint", WORD),
    "Network/privateEndpoints/privateDnsZoneGroups": ("2025-05-01", "network/private-endpoint", "default"),
    "Network/virtualNetworks": ("2025-05-01", "network/virtual-network", WORD),
    "OperationalInsights/workspaces": ("2025-07-01", "operational-insights/workspace", "[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]"),
    "Resources/resourceGroups": ("2025-04-01", "resources/resource-group", r"[\w.()-]{0,89}[\w()-]"),
    "Storage/storageAccounts": ("2025-06-01", "storage/storage-account", "[a-z0-9]{3,24}"),
    "Storage/storageAccounts/blobServices": ("2025-01-01", "storage/storage-account", "default"),
    "Storage/storageAccounts/blobServices/containers": ("2025-01-01", "storage/storage-account", "[a-z0-9](-?[a-z0-9]){2,62}"),
    "Storage/storageAccounts/queueServices": ("2025-06-01", "storage/storage-account", "default"),
    "Storage/storageAccounts/queueServices/queues": ("2025-06-01", "storage/storage-account", "[a-z0-9](-?[a-z0-9]){2,62}"),
    "Storage/storageAccounts/tableServices": ("2025-06-01", "storage/storage-account", "default"),
    "Storage/storageAccounts/tableServices/tables": ("2025-06-01", "storage/storage-account", "[a-zA-Z][a-zA-Z0-9]{2,62}"),
    "Web/serverfarms": ("2025-03-01", "web/serverfarm", "[a-zA-Z0-9-]{1,40}"),
    "Web/sites": ("2025-03-01", "web/site", f"{HYPHENS}{{1,31}}"),  # two apps share a host id after 32 letters
    # hashicorp/terraform-provider-azurerm sets the same one on Flex Consumption, which has no FTP.
    "Web/sites/basicPublishingCredentialsPolicies": ("2025-03-01", "res/web/site", "scm"),
    "Web/sites/config": ("2025-03-01", "web/site", "appsettings"),
    "Web/staticSites": ("2024-04-01", "web/static-site", "[a-zA-Z0-9-]{1,40}"),
}  # fmt: skip
"""Versions that a provider is known to serve: the compiler also accepts some that no provider does (Azure/bicep-types-az
issue 2645). The templates are folders of avm/res or avm in Azure/bicep-registry-modules, which Microsoft deploys for each
change, unless they name a repository. Names: Microsoft's "Naming rules and restrictions for Azure resources".
"""
GLOBAL = {
    "CognitiveServices/accounts",
    "Storage/storageAccounts",
    "KeyVault/vaults",
    "Communication/communicationServices",
    "Web/sites",
}
"""Types whose names must be unique in all of Azure, so they contain the hash."""
UNTAGGED = {kind for kind in TYPES if kind.count("/") > 1} - {"Communication/emailServices/domains"} | {
    "Authorization/roleAssignments",
    "Consumption/budgets",
    "Insights/diagnosticSettings",
}

ROLES = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a": "Storage Queue Data Message Sender",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
    "09976791-48a7-449e-bb21-39d1a415f350": "Communication and Email Service Owner",
    "a97b65f3-24c7-4388-baec-2e87135dc908": "Cognitive Services User",
}
RIGHTS = {
    ("service", "Storage Blob Data Owner", "Storage/storageAccounts/st*"),
    ("service", "Storage Queue Data Contributor", "Storage/storageAccounts/st*"),
    # On the account, not on each table: the service creates and deletes the tables of a period, which this role allows.
    ("service", "Storage Table Data Contributor", "Storage/storageAccounts/st*"),
    ("service", "Key Vault Secrets User", "KeyVault/vaults/kv-*"),
    ("service", "Monitoring Metrics Publisher", "Insights/components/appi-*"),
    ("service", "Communication and Email Service Owner", "Communication/communicationServices/acs-*"),
    ("topic", "Storage Queue Data Message Sender", "Storage/storageAccounts/st*/queueServices/default/queues/delivery-reports"),
    ("deployer", "Key Vault Secrets Officer", "KeyVault/vaults/kv-*"),
}  # fmt: skip
"""Who may do what on which resource; roles.bicep says why."""
RIGHTS_WITH_CALLS = {("provider", "Cognitive Services User", "CognitiveServices/accounts/ais-*")}

SAFE: dict[str, dict[str, Any]] = {
    "Storage/storageAccounts": {
        "properties.allowSharedKeyAccess": False,
        "properties.allowBlobPublicAccess": False,
        "properties.allowCrossTenantReplication": False,
        "properties.defaultToOAuthAuthentication": True,
        "properties.supportsHttpsTrafficOnly": True,
        "properties.minimumTlsVersion": "TLS1_2",
    },
    "KeyVault/vaults": {
        "properties.enableRbacAuthorization": True,
        "properties.enableSoftDelete": True,
        "properties.enablePurgeProtection": True,
    },
    "Communication/communicationServices": {"properties.disableLocalAuth": True},
    "CognitiveServices/accounts": {"properties.disableLocalAuth": True, "kind": "AIServices", "sku.name": "S0"},
    "Communication/emailServices/domains": {"properties.userEngagementTracking": "Disabled"},
    "Insights/components": {"properties.DisableLocalAuth": True, "properties.DisableIpMasking": False},
    "OperationalInsights/workspaces": {"properties.features.disableLocalAuth": True},
    "Web/sites/basicPublishingCredentialsPolicies": {"properties.allow": False},
    "Web/serverfarms": {"sku.name": "FC1", "properties.reserved": True},
    "Web/sites": {
        "properties.httpsOnly": True,
        "properties.siteConfig.minTlsVersion": "1.2",
        "properties.siteConfig.cors.supportCredentials": False,
        "properties.functionAppConfig.runtime": {"name": "python", "version": DEPLOYED},
        "properties.functionAppConfig.deployment.storage.authentication.type": "UserAssignedIdentity",
        "identity.type": "UserAssigned",
    },
}
SECRETS = {
    "SESAME_INDEX_KEY": "sesame-index-key",
    "SESAME_CODE_KEYS": "sesame-code-keys",
    "SESAME_TOKEN_KEYS": "sesame-token-keys",
    "SESAME_SEAL_KEYS": "sesame-seal-keys",
    "SESAME_PEPPERS": "sesame-peppers",
}
"""The settings that the vault holds, and their names there (operate/hooks/keys.py creates them)."""
PLATFORM = {
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
    "AZURE_CLIENT_ID",
    "AzureWebJobsDisableHomepage",
    "AzureWebJobsStorage__accountName",
    "AzureWebJobsStorage__clientId",
    "AzureWebJobsStorage__credential",
}
"""Settings that the host and azure-identity read."""
SHARED_KEYS = {"SESAME_STORAGE_CONNECTION", "SESAME_ACS_ACCESS_KEY"}
REFUSED_BY_FLEX = re.compile(
    "FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|FUNCTIONS_WORKER_PROCESS_COUNT|FUNCTIONS_MAX_HTTP_CONCURRENCY"
    "|WEBSITE_.*|SCM_DO_BUILD.*|ENABLE_ORYX_BUILD|AzureWebJobsStorage|TZ|PYTHON_ISOLATE.*|PYTHON_ENABLE_INIT.*"
    "|linuxFxVersion|alwaysOn|ftpsState|numberOfWorkers"
)
"""App settings and properties of the site that Flex Consumption refuses or ignores."""
