// The web app. It holds no key and no cookie: the browser calls the service across origins (CORS in api.bicep).

param name string
param location string
param tags { *: string }

resource site 'Microsoft.Web/staticSites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'web' })
  sku: {
    name: 'Free'
    tier: 'Free'
  }
  properties: {
    provider: 'Custom'
    stagingEnvironmentPolicy: 'Disabled'
  }
}

output origin string = 'https://${site.properties.defaultHostname}'
