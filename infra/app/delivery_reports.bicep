// Sends delivery reports, and the texts by which people refuse or want ours, to a queue, which needs no public webhook, handshake or key. A report contains a phone number
// or an email address, so reports that are not read within a day expire.

param topicName string
param storageName string

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

var delivery = {
  identity: { type: 'SystemAssigned' }
  destination: {
    endpointType: 'StorageQueue'
    properties: {
      resourceId: account.id
      queueName: 'delivery-reports'
      queueMessageTimeToLiveInSeconds: 86400
    }
  }
}
var retries = {
  maxDeliveryAttempts: 10
  eventTimeToLiveInMinutes: 1440
}

resource reports 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'delivery-reports'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: [
        'Microsoft.Communication.SMSDeliveryReportReceived'
        'Microsoft.Communication.EmailDeliveryReportReceived'
      ]
    }
    deliveryWithResourceIdentity: delivery
    retryPolicy: retries
  }
}

// Only a text that is exactly one of these words, in any case ("Event filtering": comparisons ignore it), reaches the
// queue. The same words as in shared/validation/replies.py; tests/infra holds both together. Some keyboards add a blank
// after a word.
resource replies 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'text-replies'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: ['Microsoft.Communication.SMSReceived']
      advancedFilters: [
        {
          operatorType: 'StringIn'
          key: 'data.message'
          values: [
            'STOP'
            'STOPALL'
            'UNSUBSCRIBE'
            'CANCEL'
            'END'
            'QUIT'
            'REVOKE'
            'OPTOUT'
            'OPT OUT'
            'START'
            'UNSTOP'
            'STOP '
            'START '
            'UNSTOP '
          ]
        }
      ]
    }
    deliveryWithResourceIdentity: delivery
    retryPolicy: retries
  }
}
