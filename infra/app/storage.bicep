// Everything that the service keeps. No key opens it: tables, queues and blobs are reached by role alone (roles.bicep).

param name string
param location string
param tags object
param sku string

@description('True lets in only the virtual network, and the services of Azure that hold a role (Event Grid)')
param closed bool

var packageContainer = 'app-package'

// shared/adapters/azure_tables/__init__.py names them; tests/infra holds the two together.
var tableNames = ['Names', 'People', 'Accounts', 'Counters', 'Due', 'Audit']

// The host would make a poison queue when it first needs it; made here, its trigger polls a queue that is there.
var queueNames = [
  'outbox'
  'outbox-poison'
  'audit'
  'audit-poison'
  'delivery-reports'
  'delivery-reports-poison'
]

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
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

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = [
  for queueName in queueNames: {
    parent: queues
    name: queueName
  }
]

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-01-01' = [
  for tableName in tableNames: {
    parent: tables
    name: tableName
  }
]

output name string = account.name
output packageUrl string = '${account.properties.primaryEndpoints.blob}${packageContainer}'
