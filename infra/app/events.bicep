// The topic to which Communication Services publishes delivery reports. Its subscription is in delivery_reports.bicep,
// because the topic's identity needs its role assignment first.

param name string
param tags { *: string }
param communicationName string

resource communication 'Microsoft.Communication/communicationServices@2025-09-01' existing = {
  name: communicationName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: 'global'
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    source: communication.id
    topicType: 'Microsoft.Communication.CommunicationServices'
  }
}

output principalId string = topic.identity.principalId
