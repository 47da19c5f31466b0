// Holds the keys of the service. They are made by hooks/keys after this vault is there (docs/decisions/0010).

param name string
param location string
param tags object

@description('True brings a deleted vault of this name back; purge protection keeps its name and its keys for 90 days')
param recover bool

@description('Workspace that records who read or wrote a key')
param logsId string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    createMode: recover ? 'recover' : 'default'
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
    // Open to every network, closed to everybody without a role: a reference of an app setting is not sure to resolve
    // in a vault that only a private network reaches.
    publicNetworkAccess: 'Enabled'
  }
}

resource reads 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: vault
  properties: {
    workspaceId: logsId
    logs: [
      {
        categoryGroup: 'audit'
        enabled: true
      }
    ]
  }
}

output name string = vault.name
