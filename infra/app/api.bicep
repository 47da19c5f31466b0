// The service: one function app on Flex Consumption, with one managed identity and without function keys.

param name string
param planName string
param location string
param tags { *: string }

param identityName string
param storageName string

@description('URL of the blob container that holds the deployment package')
param packageUrl string
param insightsName string
param vaultName string

@description('Virtual network that the app joins; empty for none')
param networkName string

@description('Origins of the pages that may call the service; both the platform (CORS) and the service check them')
param webOrigins string[]

param acsEndpoint string
param emailSender string
param smsSenders string

@description('Number that calls people; empty where nobody is called')
param voiceCaller string
param speechEndpoint string
param acsImmutableId string
param trustedHops int
param frontDoorId string
param rpId string
param directory string
param entraTenant string
param entraApi string
param entraPage string
param entraAuthority string
param useProxySettings bool
param helpdesk string
param remindSchedule string
param purgeSchedule string

param instanceMemoryMB int
param maximumInstanceCount int
param httpConcurrency int
param alwaysReadyHttp int
param alwaysReadyDelivery int

// operate/hooks/keys.py creates the secrets under these names. A reference without a version always resolves to the newest one.
var vaultReference = '@Microsoft.KeyVault(VaultName=${vaultName};SecretName='
var subnetId = resourceId('Microsoft.Network/virtualNetworks/subnets', empty(networkName) ? 'none' : networkName, 'app')
var warmRequests = alwaysReadyHttp > 0 ? [{ name: 'http', instanceCount: alwaysReadyHttp }] : []
var warmDelivery = alwaysReadyDelivery > 0 ? [{ name: 'function:deliver', instanceCount: alwaysReadyDelivery }] : []

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: empty(networkName) ? null : subnetId
    functionAppConfig: {
      runtime: {
        name: 'python'
        version: '3.13'
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        // Each queue and timer function scales on its own instances. Only HTTP functions share instances.
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
        alwaysReady: concat(warmRequests, warmDelivery)
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      cors: {
        allowedOrigins: webOrigins
        supportCredentials: false
      }
    }
  }
}

var policy { prefill_body_kib: int? } = loadJsonContent('../policy.json')

// The settings of a directory that is a server: ../directory.json has them by what follows SESAME_DIRECTORY_, in lower
// case. Its password is in the vault; Microsoft Entra is reached with the managed identity, and has none.
var ofTheDirectory = toObject(
  items(loadJsonContent('../directory.json')),
  setting => 'SESAME_DIRECTORY_${toUpper(setting.key)}',
  setting => setting.value
)
var itsPassword = contains(['embedded', 'entra'], directory)
  ? {}
  : { SESAME_DIRECTORY_BIND_PASSWORD: '${vaultReference}sesame-directory-password)' }

// shared/settings.py reads these settings and refuses missing or unsafe ones. tests/infra checks that both files agree.
resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: union(ofTheDirectory, itsPassword, {
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
    // Without this, GET / is answered with a page of Microsoft's.
    AzureWebJobsDisableHomepage: 'true'
    AZURE_CLIENT_ID: identity.properties.clientId
    AzureWebJobsStorage__accountName: storageName
    AzureWebJobsStorage__clientId: identity.properties.clientId
    AzureWebJobsStorage__credential: 'managedidentity'
    // The host reads a body before the app sees it. Its limit is that of the largest body that the app takes.
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: string(1024 * (policy.?prefill_body_kib ?? 4096))
    SESAME_ACS_ENDPOINT: acsEndpoint
    SESAME_CLIENT_ADDRESS_HEADER: empty(frontDoorId) ? '' : 'X-Azure-ClientIP'
    SESAME_CODE_KEYS: '${vaultReference}sesame-code-keys)'
    SESAME_EMAIL_SENDER: emailSender
    SESAME_FRONT_DOOR_ID: frontDoorId
    SESAME_INDEX_KEY: '${vaultReference}sesame-index-key)'
    SESAME_PEPPERS: '${vaultReference}sesame-peppers)'
    SESAME_POLICY: loadTextContent('../policy.json')
    SESAME_DIRECTORY: directory
    // All of them or none: without them people sign in with a password here.
    SESAME_ENTRA_API: entraApi
    SESAME_ENTRA_AUTHORITY: entraAuthority
    SESAME_ENTRA_PAGE: entraPage
    SESAME_ENTRA_TENANT: entraTenant
    SESAME_HELPDESK: helpdesk
    SESAME_ORGANISATION: loadTextContent('../organisation.json')
    SESAME_PURGE_SCHEDULE: purgeSchedule
    SESAME_SWEEP_SCHEDULE: '0 */5 * * * *'
    SESAME_REMIND_SCHEDULE: remindSchedule
    SESAME_RETURN_ADDRESSES: loadTextContent('../return-addresses.json')
    SESAME_RP_ID: rpId
    SESAME_SCOPES: loadTextContent('../scopes.json')
    SESAME_SEAL_KEYS: '${vaultReference}sesame-seal-keys)'
    // Without one the service starts, and offers no method that needs texts.
    SESAME_SMS_SENDERS: smsSenders
    SESAME_STORAGE_ACCOUNT: storageName
    SESAME_TOKEN_KEYS: '${vaultReference}sesame-token-keys)'
    SESAME_TRUSTED_HOPS: string(trustedHops)
    SESAME_USE_PROXY_SETTINGS: useProxySettings ? 'true' : 'false'
    SESAME_VOICE_CALLBACK: empty(voiceCaller) ? '' : 'https://${app.properties.defaultHostName}/api'
    SESAME_VOICE_CALLER: voiceCaller
    SESAME_VOICE_RESOURCE_ID: empty(voiceCaller) ? '' : acsImmutableId
    SESAME_VOICE_SPEECH_ENDPOINT: speechEndpoint
    SESAME_WEB_ORIGINS: join(webOrigins, ',')
  })
}

// The app is published with a token of Entra ID only. A password for its publishing site would be a shared key.
resource publishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
  dependsOn: [settings]
}

output baseUrl string = 'https://${app.properties.defaultHostName}'
