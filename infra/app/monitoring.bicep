// Logs and metrics. Writing them requires a role assignment; keys are disabled.

param logsName string
param insightsName string
param location string
param tags { *: string }
param retentionDays int
param quotaGb int

resource logs 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: logsName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: quotaGb > 0 ? quotaGb : -1 }
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
    DisableLocalAuth: true
    // Client IP addresses must not be stored in the logs.
    DisableIpMasking: false
  }
}

output logsId string = logs.id
