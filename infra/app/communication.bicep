// Email, SMS and calls. A template cannot buy a phone number (operate/hooks/next_steps.py prints how to). A custom mail domain is linked
// in a second deployment, after its DNS records are verified: linking it earlier makes the whole deployment fail. Once it
// exists it is only referred to: nobody says whether writing a domain again keeps the verification of its records, and a
// deployment for another reason can come between two of them.

param name string
param emailName string
param tags { *: string }
param dataLocation string
param emailDomain string
param emailDomainVerified bool
param emailDomainExists bool

@description('Whether people are called: the resource then has an identity, with which it uses the speech service')
param calls bool

var useOwnDomain = !empty(emailDomain) && emailDomainVerified

resource email 'Microsoft.Communication/emailServices@2025-09-01' = {
  name: emailName
  location: 'global'
  tags: tags
  properties: { dataLocation: dataLocation }
}

resource trialDomain 'Microsoft.Communication/emailServices/domains@2025-09-01' = {
  parent: email
  name: 'AzureManagedDomain'
  location: 'global'
  tags: tags
  properties: {
    domainManagement: 'AzureManaged'
    // Messages about passwords must not contain tracking pixels or rewritten links.
    userEngagementTracking: 'Disabled'
  }
}

resource domain 'Microsoft.Communication/emailServices/domains@2025-09-01' = if (!empty(emailDomain) && !emailDomainVerified && !emailDomainExists) {
  parent: email
  name: empty(emailDomain) ? 'none' : emailDomain
  location: 'global'
  tags: tags
  properties: {
    domainManagement: 'CustomerManaged'
    userEngagementTracking: 'Disabled'
  }
}

resource communication 'Microsoft.Communication/communicationServices@2025-09-01' = {
  name: name
  location: 'global'
  tags: tags
  identity: { type: calls ? 'SystemAssigned' : 'None' }
  properties: {
    dataLocation: dataLocation
    linkedDomains: [useOwnDomain ? domain.id : trialDomain.id]
    disableLocalAuth: true
  }
}

output endpoint string = 'https://${communication.properties.hostName}'
output immutableId string = communication.properties.immutableResourceId
output principalId string = calls ? communication.identity.principalId : ''
output emailSender string = 'DoNotReply@${useOwnDomain ? emailDomain : trialDomain.properties.fromSenderDomain}'
