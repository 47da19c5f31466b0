// Text to speech for calls. Deployed only where a number to call from is given. Communication Services uses it with its own
// identity (roles.bicep); no key can be used.

param name string
param location string
param tags { *: string }

resource speech 'Microsoft.CognitiveServices/accounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'AIServices'
  sku: { name: 'S0' }
  properties: {
    // Call Automation takes a resource with a subdomain of its own only.
    customSubDomainName: name
    disableLocalAuth: true
    publicNetworkAccess: 'Enabled'
  }
}

output endpoint string = speech.properties.endpoint
