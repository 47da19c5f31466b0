// Holds the keys of the service. operate/hooks/keys.py generates them after this vault is created (docs/decisions/0010).

param name string
param location string
param tags { *: string }

@description('True restores a deleted vault of this name with its keys; purge protection keeps it for 90 days')
param recover bool

@description('Log Analytics workspace that records who read or wrote a key')
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
    // Reachable from every network, but only with a role. It is not certain that the Key Vault references of app
    // settings resolve when the vault is reachable from a private network only.
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
