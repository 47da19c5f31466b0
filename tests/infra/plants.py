"""Deliberate mistakes to insert into a copy of infra/, each with the finding that a check must report and its place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plant:
    """Replace `old` by `new` in `file`.

    A finding with `says` must be at the line of the change, or at the line of `at`.
    """

    what: str
    file: str
    old: str
    new: str
    says: str
    at: str | None = None


API, STORAGE, ROLES, MAIN = "app/api.bicep", "app/storage.bicep", "app/roles.bicep", "main.bicep"
VAULT, COMMUNICATION, ALERTS = "app/vault.bicep", "app/communication.bicep", "app/alerts.bicep"
MONITORING, REPORTS, SPEND = "app/monitoring.bicep", "app/delivery_reports.bicep", "app/spend.bicep"
PARAMETERS, WEB = "main.parameters.json", "app/web.bicep"
ACCOUNT, SETTINGS = "resource account ", "  name: 'appsettings'\n  properties: {"

SYNTAX = (
    Plant("a colon missing", STORAGE, "allowBlobPublicAccess: f", "allowBlobPublicAccess f", "cannot be parsed"),
    Plant(
        "a type that checkov's parser refuses",
        WEB,
        "param tags object",
        "param tags object?",
        "not in the subset",
    ),
)

PROPERTIES = (
    Plant("a misspelt property", STORAGE, "allowSharedKeyAccess: f", "allowSharedKeyAcess: f", "has no property"),
    Plant(
        "a misspelt nested property", API, "{ perInstanceConcurrency:", "{ perInstanceConcurency:", "has no property"
    ),
    Plant(
        "a property in the wrong place",
        API,
        "    httpsOnly: true\n",
        "    alwaysReady: []\n",
        "has no property `alwaysReady`",
    ),
    Plant("a wrong value of a closed list", STORAGE, "'Deny' : 'Allow'", "'Deny' : 'Alow'", "may not be 'Alow'"),
    Plant(
        "a wrong value of an open list", COMMUNICATION, "'AzureManaged'", "'AzureManage'", "may not be 'AzureManage'"
    ),
    Plant("a wrong runtime", API, "name: 'python'", "name: 'pyton'", "may not be 'pyton'"),
    Plant("a wrong variant", REPORTS, "'StorageQueue'", "'StorageQeue'", "does not name an existing variant"),
    Plant("a wrong kind of principal", ROLES, "'ServicePrincipal'", "'ServicePrinciple'", "may not be"),
    Plant("a wrong value in a loop", ALERTS, "'LessThan'", "'Less'", "may not be 'Less'"),
    Plant(
        "a string instead of a bool", VAULT, "enablePurgeProtection: true", "enablePurgeProtection: 'true'", "is a bool"
    ),
    Plant("a string instead of an int", VAULT, "RetentionInDays: 90", "RetentionInDays: '90'", "is a int"),
    Plant("a string instead of a list", ALERTS, "scopes: [logsId]", "scopes: 'logsId'", "is a list"),
    Plant("an object instead of a string", MONITORING, "'PerGB2018'", "{ name: 'PerGB2018' }", "is a text"),
    Plant("a parameter without allowed values", STORAGE, "closed ? 'Deny' : 'Allow'", "sku", "this may be any text"),
    Plant("a required property missing", STORAGE, "  kind: 'StorageV2'\n", "", "lacks `kind`", ACCOUNT),
    Plant(
        "a required nested property missing",
        SPEND,
        "      half: {\n        enabled: true\n",
        "      half: {\n",
        "lacks `enabled`",
    ),
    Plant("a property that cannot be set", API, "    httpsOnly: true\n", "    state: 'Running'\n", "cannot be set"),
    Plant("a version without description", VAULT, "vaults@2024-11-01", "vaults@2024-11-02", "there is no type"),
    Plant("a misspelt type", WEB, "Web/staticSites@", "Web/staticSite@", "there is no type"),
    Plant(
        "a reference to a property that does not exist",
        WEB,
        "site.properties.defaultHostname",
        "site.properties.hostname",
        "has no",
    ),
)

NAMES = (
    Plant("an undeclared symbol", API, "serverFarmId: plan.id", "serverFarmId: plam.id", "`plam` is not declared"),
    Plant("an unused parameter", WEB, "param tags object", "param tags object\nparam size int", "`size` is never used"),
    Plant("an unused variable", API, "var warmRequests", "var cold = 1\nvar warmRequests", "`cold` is never used"),
    Plant("an unknown function", MAIN, "toLower(", "toLowr(", "is not a known function"),
    Plant("a name declared twice", WEB, "param name string", "param name string\nparam name int", "declared twice"),
    Plant("a missing module", MAIN, "'app/web.bicep'", "'app/wep.bicep'", "does not exist"),
    Plant("a missing file", API, "'../policy.json'", "'../polisy.json'", "does not exist"),
    Plant(
        "a parameter that a module lacks",
        MAIN,
        "    amount: monthlySpend",
        "    amout: monthlySpend",
        "has no parameter",
    ),
    Plant("a module parameter missing", MAIN, "    recover: recoverVault\n", "", "lacks `recover`", "module vault "),
    Plant("a module parameter of another type", MAIN, "closed: vnetEnabled", "closed: storageSku", "is a bool"),
    Plant("an unknown output of a module", MAIN, "[web.outputs.origin]", "[web.outputs.origins]", "has no output"),
    Plant("an output that may be null", MAIN, "empty(moreWebOrigins) ?", "empty(network.outputs.id) ?", "may be null"),
    Plant(
        "a reading that may be null", COMMUNICATION, "? domain.id :", "? domain.properties.fromSenderDomain :", "null"
    ),
)

HOUSE = (
    Plant(
        "a role on the whole resource group",
        ROLES,
        "scope: communication\n",
        "scope: resourceGroup()\n",
        "has a scope other than",
    ),
    Plant("another role under the same name", ROLES, "roleDefinitions', keyVaultSecretsUser)",
          "roleDefinitions', keyVaultSecretsOfficer)", "assigns a role other"),
    Plant("shared keys enabled", STORAGE, "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "must be false"),
    Plant("ACS keys enabled", COMMUNICATION, "disableLocalAuth: true", "disableLocalAuth: false", "must be true"),
    Plant("telemetry keys enabled", MONITORING, "DisableLocalAuth: true", "DisableLocalAuth: false", "must be true"),
    Plant("old TLS", STORAGE, "'TLS1_2'", "'TLS1_0'", "must be TLS1_2"),
    Plant("purge protection off", VAULT, "enablePurgeProtection: true", "enablePurgeProtection: false", "must be true"),
    Plant("plain HTTP", API, "httpsOnly: true", "httpsOnly: false", "must be true"),
    Plant("a wrong role id", ROLES, "b7e6dc6d-f1e8-4753-8033", "b7e6dc6d-f1e8-4753-8034", "`storageBlobDataOwner` is"),
    Plant("the id of another role", ROLES, "'4633458b-17de-408a-b874-0445c86b69e6'",
          "'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'", "`keyVaultSecretsUser` is"),
    Plant("a role without kind of principal", ROLES, "    principalType: deployerPrincipalType\n", "",
          "lacks `principalType`", "resource deployerOnVault"),
    Plant("a role on the whole resource group", ROLES, "  scope: communication\n", "", "lacks `scope`",
          "resource serviceOnComm"),
    Plant("a secret as an output", MONITORING, "string = insights.name",
          "string = insights.properties.ConnectionString",
          "writes a secret"),
    Plant("a template that reads a key", STORAGE, "string = account.name", "string = account.listKeys().keys[0].value",
          "reads a key"),
    Plant("a secret that is not marked", VAULT, "param logsId string", "param logsId string\nparam secretText string",
          "lacks @secure()"),
    Plant("keys from newGuid()", MAIN, "utcNow('yyyy-MM-01')", "newGuid()", "not 32 random bytes"),
    Plant("the address of one cloud", WEB, "'https://${site.properties.defaultHostname}'",
          "'https://sesame.azurewebsites.net'", "one cloud"),
    Plant("a resource without tags", VAULT, "  tags: tags\n", "", "lacks the tags", "resource vault "),
)  # fmt: skip

AGREEMENT = (
    Plant("a setting missing", API, "    SESAME_TRUSTED_HOPS: '1'\n", "", "`SESAME_TRUSTED_HOPS` is missing", SETTINGS),
    Plant("a misspelt setting", API, "SESAME_EMAIL_SENDER:", "SESAME_MAIL_SENDER:", "nobody reads"),
    Plant("a shared key among the settings", API, "    AZURE_CLIENT_ID:", "    SESAME_STORAGE_CONNECTION:",
          "nobody reads"),
    Plant("a setting that Flex refuses", API, "    AZURE_CLIENT_ID:", "    FUNCTIONS_WORKER_RUNTIME:",
          "must not be set"),
    Plant("a key in clear text", API, "'${vaultReference}sesame-peppers)'", "'1:abc'", "reference to the vault"),
    Plant("every proxy trusted", API, "SESAME_TRUSTED_HOPS: '1'", "SESAME_TRUSTED_HOPS: '2'", "exactly one proxy"),
    Plant("a table missing", STORAGE, "'Accounts', ", "", "lacks 'Accounts'"),
    Plant("a queue missing", STORAGE, "  'audit-poison'\n", "", "lacks 'audit-poison'", "var queueNames"),
    Plant("a queue without a reader", REPORTS, "queueName: 'delivery-reports'", "queueName: 'reports'", "no queue"),
    Plant("an alert on an unknown function", ALERTS, 'Name == "purge"', 'Name == "purges"', "no function `purges`"),
    Plant("an always-ready instance for an unknown function", API, "'function:deliver'", "'function:delivery'",
          "no function `delivery`"),
    Plant("a parameter that azd cannot set", PARAMETERS, '    "alertEmail": { "value": "${ALERT_EMAIL}" },\n', "",
          "lacks `alertEmail`", "param alertEmail"),
    Plant("another default for azd", PARAMETERS, "HTTP_CONCURRENCY=16", "HTTP_CONCURRENCY=1", "is '16'"),
    Plant("a removed parameter", PARAMETERS, '"storageSku"', '"storageKind"', "has no parameter"),
    Plant("an unknown policy setting", "policy.json", "{}", '{ "gate": 1 }', "unknown setting"),
)  # fmt: skip

ALL = SYNTAX + PROPERTIES + NAMES + HOUSE + AGREEMENT
