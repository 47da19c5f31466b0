// All role assignments of the deployment. No other file may assign a role (checked by tests/infra).

@description('Name of the managed identity that the service uses; part of the name of each role assignment')
param serviceName string
param servicePrincipalId string

@description('Name of the Event Grid topic that publishes delivery reports')
param topicName string
param topicPrincipalId string

@description('Object id of the user or principal that deploys; empty for none')
param deployerPrincipalId string
param deployerPrincipalType string

param storageName string
param vaultName string
param insightsName string
param communicationName string

@description('Id of the role with which the service sends messages')
param communicationRole string

@description('Name of the speech service; empty where nobody is called')
param speechName string

@description('Identity with which Communication Services uses it; empty where nobody is called')
param communicationPrincipalId string

// Ids of built-in roles, which are the same in every tenant.
var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var storageQueueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var storageQueueDataMessageSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
var storageTableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'
var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var cognitiveServicesUser = 'a97b65f3-24c7-4388-baec-2e87135dc908'
var keyVaultSecretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

// The Functions host stores leases, timer state and keys in blobs and needs Owner there. Others need Contributor.
var storageRoles = [storageBlobDataOwner, storageQueueDataContributor, storageTableDataContributor]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageName
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' existing = {
  parent: account
  name: 'default'
}

resource reports 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' existing = {
  parent: queues
  name: 'delivery-reports'
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource communication 'Microsoft.Communication/communicationServices@2025-09-01' existing = {
  name: communicationName
}

resource serviceOnStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in storageRoles: {
    name: guid(account.id, serviceName, role)
    scope: account
    properties: {
      principalId: servicePrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

// The service can read its keys. It cannot list, write or delete them.
resource serviceOnVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, serviceName, keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}

resource serviceOnInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, serviceName, monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

// Communication and Email Service Owner unless the operator has a role of his own: no narrower built-in role can send
// messages. It is assigned on this resource only, not on the group.
resource serviceOnCommunication 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(communication.id, serviceName, communicationRole)
  scope: communication
  properties: {
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', communicationRole)
  }
}

resource speech 'Microsoft.CognitiveServices/accounts@2025-06-01' existing = if (!empty(speechName)) {
  name: empty(speechName) ? 'none' : speechName
}

// Communication Services turns the text of a call into speech. It can do nothing else, and no other resource can.
resource communicationOnSpeech 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(speechName)) {
  name: guid(speech.id, communicationName, cognitiveServicesUser)
  scope: speech
  properties: {
    principalId: communicationPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', cognitiveServicesUser)
  }
}

// The topic can add messages to this queue only, and cannot read any.
resource topicOnReports 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(reports.id, topicName, storageQueueDataMessageSender)
  scope: reports
  properties: {
    principalId: topicPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageQueueDataMessageSender)
  }
}

// The deployer generates the keys (operate/hooks/keys.py). The role can be removed afterwards: docs/decisions/0010.
resource deployerOnVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerPrincipalId)) {
  name: guid(vault.id, deployerPrincipalId, keyVaultSecretsOfficer)
  scope: vault
  properties: {
    principalId: deployerPrincipalId
    principalType: deployerPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsOfficer)
  }
}
