// All stored data. Shared keys are disabled: access to tables, queues and blobs needs a role (roles.bicep).

param name string
param location string
param tags { *: string }
param sku string

@description('True allows access only from the virtual network and from Azure services with a role (Event Grid)')
param closed bool

var packageContainer = 'app-package'

// The same names as in shared/adapters/azure_tables/__init__.py; tests/infra checks that both agree.
// The service creates the tables of what expires, by week and month: Counters, Strangers, Imports and Audit.
var tableNames = ['Names', 'People', 'Accounts', 'Due', 'OptOuts', 'Coverage']

// The host creates a poison queue only when it first needs it. The timer `sweep` empties them.
var queueNames = [
  'outbox'
  'outbox-poison'
  'audit'
  'audit-poison'
  'delivery-reports'
  'delivery-reports-poison'
  'imports'
  'imports-poison'
]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: closed ? 'Deny' : 'Allow'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 7
    }
    deleteRetentionPolicy: {
      enabled: true
      days: 7
    }
  }
}

resource package 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: packageContainer
  properties: { publicAccess: 'None' }
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [
  for queueName in queueNames: {
    parent: queues
    name: queueName
  }
]

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' = [
  for tableName in tableNames: {
    parent: tables
    name: tableName
  }
]

output packageUrl string = '${account.properties.primaryEndpoints.blob}${packageContainer}'
