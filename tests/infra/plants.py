"""Mistakes to plant into a copy of infra/: file, what is replaced, by what, and what must be said about it."""

API, STORAGE, ROLES, MAIN = "app/api.bicep", "app/storage.bicep", "app/roles.bicep", "main.bicep"
VAULT, MAIL, ALERTS, NETWORK = "app/vault.bicep", "app/communication.bicep", "app/alerts.bicep", "app/network.bicep"
LOGS, REPORTS, SPEND, WEB = "app/monitoring.bicep", "app/delivery_reports.bicep", "app/spend.bicep", "app/web.bicep"
GIVEN, CLIENT = "main.parameters.json", "    AZURE_CLIENT_ID:"

COMPILER = (
    (STORAGE, "allowBlobPublicAccess: f", "allowBlobPublicAccess f", "BCP018"),
    (STORAGE, "allowSharedKeyAccess: f", "allowSharedKeyAcess: f", "BCP089"),
    (API, "{ perInstanceConcurrency:", "{ perInstanceConcurency:", "BCP089"),
    (API, "    httpsOnly: true\n", "    alwaysReady: []\n", "BCP037"),
    (STORAGE, "'Deny' : 'Allow'", "'Deny' : 'Alow'", "BCP036"),
    (REPORTS, "endpointType: 'StorageQueue'", "endpointType: 'StorageQeue'", "BCP036"),
    (VAULT, "enablePurgeProtection: true", "enablePurgeProtection: 'true'", "BCP036"),
    (ALERTS, "scopes: [logsId]", "scopes: 'logsId'", "BCP036"),
    (STORAGE, "  kind: 'StorageV2'\n", "", "BCP035"),
    (SPEND, "      half: {\n        enabled: true\n", "      half: {\n", "BCP035"),
    (VAULT, "vaults@2024-11-01", "vaults@2024-11-02", "BCP081"),
    (WEB, "Web/staticSites@", "Web/staticSite@", "BCP081"),
    (WEB, "site.properties.defaultHostname", "site.properties.hostname", "BCP053"),
    (API, "serverFarmId: plan.id", "serverFarmId: plam.id", "BCP057"),
    (MAIN, "amount: monthlySpend", "amout: monthlySpend", "BCP089"),
    (MAIN, "closed: vnetEnabled", "closed: storageSku", "BCP036"),
    (MAIN, "[web.outputs.origin]", "[network.outputs.id]", "BCP318"),
    (MAIN, "'app/web.bicep'", "'app/wep.bicep'", "BCP091"),
    (WEB, "param name string", "param name string\nparam size int", "no-unused-params"),
    (MAIN, "servicePrincipalId: identity.outputs.principalId", "servicePrincipalId: newGuid()", "BCP065"),
    (WEB, "'https://${site.properties.defaultHostname}'", "'https://x.${'core.windows.net'}'", "no-hardcoded-env-urls"),
    (MAIN, "    storageName: names.storage\n    vault", "    storageName: storage.outputs.packageUrl\n    vault", "what-if-short"),
    (MAIN, "alertEmail", "alertPassword", "secure-secrets-in-params"),
    (WEB, "  location: location\n", "  location: 'westeurope'\n", "no-hardcoded-location"),
    (MAIN, "    location: location\n", "    location: deployment().location\n", "no-loc-expr-outside-params"),
    (WEB, "param tags { *: string }", "param tags object", "use-user-defined-types"),
    (STORAGE, "\noutput packageUrl", "\noutput key string = account.listKeys().keys[0].value\noutput packageUrl", "outputs-should-not"),
)  # fmt: skip

RIGHTS = (
    (ROLES, "  scope: communication\n", "", "nobody may give ('service', 'Communication and Email Service Owner', '/subscriptions"),
    (ROLES, "  scope: reports\n", "  scope: account\n", "nobody may give ('topic', 'Storage Queue Data Message Sender'"),
    (ROLES, "'4633458b-17de-408a-b874-0445c86b69e6'", "'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'", "('service', 'Key Vault Secrets Officer'"),
    (ROLES, "roleDefinitions', keyVaultSecretsUser)", "roleDefinitions', keyVaultSecretsOfficer)", "('service', 'Key Vault Secrets Officer'"),
    (ROLES, "'0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'", "'76199698-9eea-4c19-bc75-cec21354c6b6'", "'Storage Table Data Contributor', 'Storage/storageAccounts/st*') is missing"),
    (ROLES, "b7e6dc6d-f1e8-4753-8033", "b7e6dc6d-f1e8-4753-8034", "b7e6dc6d-f1e8-4753-8034"),
    (ROLES, "principalId: topicPrincipalId", "principalId: empty(topicPrincipalId) ? '' : servicePrincipalId", "queues/delivery-reports') is missing"),
    (ROLES, "principalId: deployerPrincipalId", "principalId: deployer().objectId", "nobody may give ('[deployer()"),
    (ROLES, "  scope: speech\n", "", "nobody may give ('provider', 'Cognitive Services User', '/subscriptions"),
    (ROLES, "principalType: deployerPrincipalType", "principalType: empty(deployerPrincipalType) ? 'User' : 'Group'", "deployer has the principal type Group"),
    (ROLES, "topicPrincipalId\n    principalType: 'ServicePrincipal'", "topicPrincipalId\n    principalType: 'Group'", "topic has the principal type Group"),
    (VAULT, "resource reads ", """resource own 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id)
  scope: vault
  properties: {
    principalId: tenant().tenantId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7')
  }
}

resource reads """, "only app/roles.bicep may assign roles, not vault"),
    (MAIN, "dependsOn: [storage, vault, monitoring, speech]", "dependsOn: [storage, monitoring, speech]", "roles does not wait for vault"),
    (MAIN, "    storageName: names.storage\n  }\n  dependsOn: [storage]", "    storageName: names.storage\n  }", "network does not wait for storage"),
    (MAIN, "dependsOn: [roles]\n", "dependsOn: [storage]\n", "delivery-reports does not wait for roles"),
    (MAIN, "dependsOn: [roles, network]", "dependsOn: [roles]", "api does not wait for network"),
    (MAIN, "  dependsOn: [api]\n", "", "alerts does not wait for api"),
    (NETWORK, "@batchSize(1)\n", "", "at the same time"),
)  # fmt: skip

SAFETY = (
    (STORAGE, "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "allowSharedKeyAccess is True"),
    (STORAGE, "allowBlobPublicAccess: false", "allowBlobPublicAccess: closed", "allowBlobPublicAccess is True"),
    (STORAGE, "'TLS1_2'", "'TLS1_0'", "minimumTlsVersion is 'TLS1_0'"),
    (STORAGE, "closed ? 'Deny' : 'Allow'", "closed ? 'Allow' : 'Deny'", "storage is closed"),
    (MAIL, "disableLocalAuth: true", "disableLocalAuth: false", "disableLocalAuth is False"),
    (MAIL, "userEngagementTracking: 'Disabled'", "userEngagementTracking: 'Enabled'", "userEngagementTracking is 'Enabled'"),
    (LOGS, "DisableLocalAuth: true", "DisableLocalAuth: false", "DisableLocalAuth is False"),
    (LOGS, "DisableIpMasking: false", "DisableIpMasking: true", "DisableIpMasking is True"),
    (VAULT, "enablePurgeProtection: true", "enablePurgeProtection: false", "enablePurgeProtection is False"),
    (API, "httpsOnly: true", "httpsOnly: false", "httpsOnly is False"),
    (API, "name: 'python'", "name: 'pyton'", "runtime is"),
    (API, "properties: { allow: false }", "properties: { allow: true }", "properties.allow is True"),
    (API, "= {\n  parent: app\n  name: 'scm'", "= if (empty(name)) {\n  parent: app\n  name: 'scm'", "there is no Web/sites/basic"),
    (API, "version: '3.13'", "version: '3.12'", "runtime is"),
    (API, "name: 'FC1'", "name: 'Y1'", "sku.name is 'Y1'"),
    (API, "http20Enabled: true", "http20Enabled: true\n      alwaysOn: true", "Flex Consumption refuses alwaysOn"),
    (API, CLIENT, "    FUNCTIONS_WORKER_RUNTIME: 'python'\n" + CLIENT, "Flex Consumption refuses FUNCTIONS_WORKER_RUNTIME"),
    (API, CLIENT, "    SESAME_STORAGE_CONNECTION: insights.listKeys('2020-02-02').x\n" + CLIENT, "reads or writes a key"),
    (API, "'${vaultReference}sesame-peppers)'", "'1:abc'", "SESAME_PEPPERS is not a reference"),
    (API, "'${vaultReference}sesame-peppers)'", "'${vaultReference}sesame-pepper)'", "SESAME_PEPPERS is not a reference"),
    (MAIN, "output WEB_BASE_URL string = ", "output X string = reference(names.insights, '2020-02-02').ConnectionString\noutput WEB_BASE_URL string = ", "second place"),
    (MAIN, "var tags = {", "param at string = utcNow()\nvar tags = {\n  at: at\n ", "utcNow() changes"),
    (MAIN, "param budgetStart string = ''", "param budgetStart string = utcNow('yyyy-MM-01')", "utcNow"),
    (MAIN, "  tags: tags\n}", "  tags: { 'azd-env-name': environmentName, run: deployment().name }\n}", "second run"),
)  # fmt: skip

AGREEMENT = (
    (MAIN, "storage: 'st${token}'", "storage: 'st-${token}'", "the name 'st-"),
    (MAIN, "vault: 'kv-${token}'", "vault: 'key-vault--${token}'", "the name 'key-vault--"),
    (MAIN, "api: 'func-${token}'", "api: 'func-sesame'", "is not unique in Azure"),
    (MAIN, "'rg-${environmentName}'", "'rg-${environmentName}.'", "resourceGroups: the name"),
    (STORAGE, "  'audit'\n", "  'audit'\n  'audit'\n", "is declared 2 times"),
    (MAIL, "emailServices@2025-09-01", "emailServices@2025-05-01", "has version 2025-05-01"),
    (VAULT, "  tags: tags\n", "  tags: { env: tags['azd-env-name'] }\n", "KeyVault/vaults lacks the tag"),
    (WEB, "'azd-service-name': 'web'", "'azd-service-name': 'site'", "hosts of azd's services"),
    (API, "SESAME_TRUSTED_HOPS: string(", "SESAME_TRUSTED_HOP: string(", "SESAME_TRUSTED_HOPS is missing"),
    (API, "string(trustedHops)", "string(trustedHops + 1)", "another number of proxies"),
    (API, "empty(frontDoorId) ? '' : 'X-Azure-ClientIP'", "''", "are set together"),
    (API, "SESAME_EMAIL_SENDER:", "SESAME_MAIL_SENDER:", "nobody reads SESAME_MAIL_SENDER"),
    (API, "SESAME_DIRECTORY: directory", "SESAME_DIRECTORY: '${directory}s'", "SESAME_DIRECTORY must be one of"),
    (API, "SESAME_RP_ID: rpId", "SESAME_RP_ID: 'https://${rpId}'", "SESAME_RP_ID must be a domain"),
    (API, "join(webOrigins, ',')", "join(webOrigins, ';')", "different origins"),
    (MAIN, "? origin\n", "? '${origin}:443'\n", "MORE_WEB_ORIGINS became"),
    ("policy.json", "{}", '{ "gate": 1 }', "gate: unknown setting"),
    (API, "prefill_body_kib ?? 4096", "prefill_body_kib ?? 1024", "limits for the size of a body"),
    ("policy.json", "{}", '{ "prefill_body_kib": 32768 }', "prefill_body_kib: 32768 is outside"),
    (STORAGE, "'People', ", "", "['People'] differ"),
    (STORAGE, "  'audit-poison'\n", "", "['audit-poison'] differ"),
    (REPORTS, "queueName: 'delivery-reports'", "queueName: 'reports'", "Event Grid sends to {'reports'}"),
    (REPORTS, "            'UNSUBSCRIBE'\n", "", "other texts through than the service reads: ['UNSUBSCRIBE']"),
    (ALERTS, '"remind", "purge")', '"remind", "purges")', "no functions ['purges']"),
    (API, "'function:deliver'", "'function:delivery'", "no functions ['delivery']"),
    (API, "instanceCount: alwaysReadyDelivery", "instanceCount: alwaysReadyHttp", "warm instances"),
    (API, "SESAME_HELPDESK: helpdesk", "SESAME_HELPDESK: '${helpdesk}0'", "the helpdesk became"),
    (API, "empty(networkName) ? null", "!empty(networkName) ? null", "the app joins"),
    (NETWORK, "var parts = ['blob', 'queue', 'table']", "var parts = ['blob', 'queue']", "has its privateEndpoints"),
    (MAIL, "(!empty(emailDomain) && !emailDomainVerified &&", "(!empty(emailDomain) &&", "are declared"),
    (MAIL, "useOwnDomain ? domain.id", "!useOwnDomain ? domain.id", "are linked"),
    (MAIN, "&& !empty(budgetStart)", "&& empty(budgetStart)", "the budgets start at []"),
    (GIVEN, '    "alertEmail": { "value": "${ALERT_EMAIL}" },\n', "", "lacks ['alertEmail']"),
    (GIVEN, "HTTP_CONCURRENCY=16", "HTTP_CONCURRENCY=1", "httpConcurrency is ${HTTP_CONCURRENCY=1}"),
    (GIVEN, '"storageSku"', '"storageKind"', "has no parameter ['storageKind']"),
)  # fmt: skip

ALL = COMPILER + RIGHTS + SAFETY + AGREEMENT
