// The service itself: one function app on Flex Consumption, under one identity, without a key of the platform.

param name string
param planName string
param location string
param tags object

param identityName string
param storageName string

@description('Address of the container that holds the package')
param packageUrl string
param insightsName string
param vaultName string

@description('Network that the app joins; empty for none')
param networkName string

@description('Origins whose pages may call the service: for the platform (CORS) and for the service itself')
param webOrigins array

param acsEndpoint string
param emailSender string
param smsSender string
param productName string
param remindSchedule string
param purgeSchedule string

param instanceMemoryMB int
param maximumInstanceCount int
param httpConcurrency int
param alwaysReadyHttp int
param alwaysReadyDelivery int

// The keys are made by hooks/keys under these names. A reference names no version, so a new one is taken over by itself.
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

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
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

resource app 'Microsoft.Web/sites@2024-11-01' = {
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
        // Every queue and every timer has instances of its own; only requests share theirs.
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

// shared/settings.py reads these, and refuses to start when one is missing or unsafe; tests/infra holds the two together.
resource settings 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'appsettings'
  properties: {
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
    AZURE_CLIENT_ID: identity.properties.clientId
    AzureWebJobsStorage__accountName: storageName
    AzureWebJobsStorage__clientId: identity.properties.clientId
    AzureWebJobsStorage__credential: 'managedidentity'
    SESAME_ACS_ENDPOINT: acsEndpoint
    SESAME_CODE_KEYS: '${vaultReference}sesame-code-keys)'
    SESAME_EMAIL_SENDER: emailSender
    SESAME_INDEX_KEY: '${vaultReference}sesame-index-key)'
    SESAME_PEPPERS: '${vaultReference}sesame-peppers)'
    SESAME_POLICY: loadTextContent('../policy.json')
    SESAME_PRODUCT_NAME: productName
    SESAME_PURGE_SCHEDULE: purgeSchedule
    SESAME_REMIND_SCHEDULE: remindSchedule
    SESAME_SEAL_KEYS: '${vaultReference}sesame-seal-keys)'
    // Without a number nothing can be texted; the setting must be there all the same.
    SESAME_SMS_SENDER: empty(smsSender) ? 'no-number-yet' : smsSender
    SESAME_STORAGE_ACCOUNT: storageName
    SESAME_TOKEN_KEYS: '${vaultReference}sesame-token-keys)'
    SESAME_TRUSTED_HOPS: '1'
    SESAME_WEB_ORIGINS: join(webOrigins, ',')
  }
}

output name string = app.name
output baseUrl string = 'https://${app.properties.defaultHostName}'
