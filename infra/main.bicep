targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Name of the azd environment: part of the name of the group, and of the hash in every other name')
param environmentName string

@minLength(1)
@description('Region of everything but the pages; it must offer Flex Consumption (az functionapp list-flexconsumption-locations)')
@metadata({ azd: { type: 'location' } })
param location string

@allowed(['westus2', 'centralus', 'eastus2', 'westeurope', 'eastasia'])
@description('Region that manages the static web app; its pages are served from everywhere')
param staticWebAppLocation string = 'westeurope'

@description('Object id of whoever deploys: may write the generated keys into the vault; empty gives nobody that right')
param principalId string = ''

@allowed(['User', 'ServicePrincipal', 'Group'])
@description('What the deploying principal is; a workflow is a ServicePrincipal')
param principalType string = 'User'

@description('The name that messages and pages carry')
param productName string = 'Sésame'

@description('Number or short code that texts come from; empty until one is bought')
param smsSender string = ''

@allowed(['United States', 'Europe', 'UK', 'Australia', 'Japan', 'Canada', 'Switzerland', 'Asia Pacific'])
@description('Where Communication Services keeps its data at rest; cannot be changed later')
param acsDataLocation string = 'Europe'

@description('Your own mail domain; empty sends from the domain that Azure manages, 10 messages an hour, for a trial only')
param emailDomain string = ''

@description('True once the DNS records of your mail domain are verified; only then may the domain be linked')
param emailDomainVerified bool = false

@description('More origins whose pages may call the service, comma separated (a custom domain of the pages)')
param moreWebOrigins string = ''

@description('When reminders are sent (NCRONTAB with seconds, UTC)')
param remindSchedule string = '0 0 * * * *'

@description('When expired rows are deleted (NCRONTAB with seconds, UTC)')
param purgeSchedule string = '0 30 3 * * *'

@allowed([512, 2048, 4096])
@description('Memory of an instance in MB; 2048 comes with one core')
param instanceMemoryMB int = 2048

@minValue(40)
@maxValue(1000)
@description('The most instances the platform may start')
param maximumInstanceCount int = 40

@minValue(1)
@maxValue(1000)
@description('Requests that one instance serves at a time; the platform would take 1 for Python, so every parallel request would start one')
param httpConcurrency int = 16

@minValue(0)
@maxValue(20)
@description('Instances kept warm for requests; each is billed all month')
param alwaysReadyHttp int = 0

@minValue(0)
@maxValue(20)
@description('Instances kept warm for sending codes; each is billed all month')
param alwaysReadyDelivery int = 0

@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
@description('How the rows are copied: ZRS survives the loss of a zone, GZRS that of a region')
param storageSku string = 'Standard_ZRS'

@minValue(30)
@maxValue(730)
@description('Days for which logs are kept; more than 30 costs more')
param logRetentionDays int = 30

@minValue(1)
@description('Gigabytes of logs a day after which the rest of the day is not recorded')
param logQuotaGb int = 1

@description('Address that alerts are mailed to; empty raises them in the portal only')
param alertEmail string = ''

@minValue(1)
@description('Monthly spend of the group, in the currency of the subscription, that is warned about at 50 %, 80 % and 100 %')
param monthlySpend int = 100

@minValue(1)
@description('Messages sent in an hour that raise an alert: the first sign of somebody who pumps texts')
param deliveriesPerHour int = 500

@description('Puts the service into a virtual network of its own and closes storage to all others, to reach an LDAP server')
param vnetEnabled bool = false

@description('Addresses of that network; they must not overlap the networks it is peered with')
param vnetAddressSpace string = '10.83.0.0/24'

@description('Part of them for the instances of the service, a /27 at least')
param vnetAppSubnet string = '10.83.0.0/25'

@description('Part of them for the endpoints of storage')
param vnetEndpointSubnet string = '10.83.0.192/26'

@description('True brings back the vault that an earlier `azd down` of the same environment left behind, with its keys')
param recoverVault bool = false

@description('First day of the month from which spend is counted; left alone, this month')
param spendFrom string = utcNow('yyyy-MM-01')

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var names = {
  identity: 'id-${token}'
  storage: 'st${token}'
  vault: 'kv-${token}'
  logs: 'log-${token}'
  insights: 'appi-${token}'
  communication: 'acs-${token}'
  email: 'acse-${token}'
  topic: 'evgt-${token}'
  web: 'stapp-${token}'
  plan: 'asp-${token}'
  api: 'func-${token}'
  network: 'vnet-${token}'
  alerts: 'ag-${token}'
}

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'app/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: names.identity
    location: location
    tags: tags
  }
}

module network 'app/network.bicep' = if (vnetEnabled) {
  name: 'network'
  scope: group
  params: {
    name: names.network
    location: location
    tags: tags
    addressSpace: vnetAddressSpace
    appSubnet: vnetAppSubnet
    endpointSubnet: vnetEndpointSubnet
    storageName: storage.outputs.name
  }
}

module storage 'app/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: names.storage
    location: location
    tags: tags
    sku: storageSku
    closed: vnetEnabled
  }
}

module monitoring 'app/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    logsName: names.logs
    insightsName: names.insights
    location: location
    tags: tags
    retentionDays: logRetentionDays
    quotaGb: logQuotaGb
  }
}

module vault 'app/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    name: names.vault
    location: location
    tags: tags
    recover: recoverVault
    logsId: monitoring.outputs.logsId
  }
}

module communication 'app/communication.bicep' = {
  name: 'communication'
  scope: group
  params: {
    name: names.communication
    emailName: names.email
    tags: tags
    dataLocation: acsDataLocation
    emailDomain: emailDomain
    emailDomainVerified: emailDomainVerified
  }
}

module web 'app/web.bicep' = {
  name: 'web'
  scope: group
  params: {
    name: names.web
    location: staticWebAppLocation
    tags: tags
  }
}

module events 'app/events.bicep' = {
  name: 'events'
  scope: group
  params: {
    name: names.topic
    tags: tags
    communicationName: communication.outputs.name
  }
}

module roles 'app/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    serviceName: names.identity
    servicePrincipalId: identity.outputs.principalId
    topicName: names.topic
    topicPrincipalId: events.outputs.principalId
    deployerPrincipalId: principalId
    deployerPrincipalType: principalType
    storageName: storage.outputs.name
    vaultName: vault.outputs.name
    insightsName: monitoring.outputs.insightsName
    communicationName: communication.outputs.name
  }
}

module reports 'app/delivery_reports.bicep' = {
  name: 'delivery-reports'
  scope: group
  params: {
    topicName: names.topic
    storageName: storage.outputs.name
  }
  dependsOn: [roles]
}

module api 'app/api.bicep' = {
  name: 'api'
  scope: group
  params: {
    name: names.api
    planName: names.plan
    location: location
    tags: tags
    identityName: identity.outputs.name
    storageName: storage.outputs.name
    packageUrl: storage.outputs.packageUrl
    insightsName: monitoring.outputs.insightsName
    vaultName: vault.outputs.name
    networkName: vnetEnabled ? names.network : ''
    webOrigins: union([web.outputs.origin], empty(moreWebOrigins) ? [] : split(moreWebOrigins, ','))
    acsEndpoint: communication.outputs.endpoint
    emailSender: communication.outputs.emailSender
    smsSender: smsSender
    productName: productName
    remindSchedule: remindSchedule
    purgeSchedule: purgeSchedule
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    httpConcurrency: httpConcurrency
    alwaysReadyHttp: alwaysReadyHttp
    alwaysReadyDelivery: alwaysReadyDelivery
  }
  dependsOn: [roles, network]
}

module alerts 'app/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    name: names.alerts
    location: location
    tags: tags
    logsId: monitoring.outputs.logsId
    mailTo: alertEmail
    deliveriesPerHour: deliveriesPerHour
  }
}

module spend 'app/spend.bicep' = {
  name: 'spend'
  scope: group
  params: {
    amount: monthlySpend
    firstDay: spendFrom
    mailTo: alertEmail
  }
}

module workbook 'app/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: {
    location: location
    tags: tags
    logsId: monitoring.outputs.logsId
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_KEY_VAULT_NAME string = vault.outputs.name
output AZURE_FUNCTION_APP_NAME string = api.outputs.name
output AZURE_STORAGE_ACCOUNT_NAME string = storage.outputs.name
output AZURE_COMMUNICATION_NAME string = communication.outputs.name
output EMAIL_SERVICE_NAME string = communication.outputs.emailName
output EMAIL_SENDER string = communication.outputs.emailSender
output ACS_ENDPOINT string = communication.outputs.endpoint
output API_BASE_URL string = api.outputs.baseUrl
output WEB_BASE_URL string = web.outputs.origin
