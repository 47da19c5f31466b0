targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Name of the azd environment. It is part of the resource group name, and of the hash in every other name')
param environmentName string

// The regions that have Flex Consumption (Azure-Samples/functions-quickstart-python-azd-timer lists them, as of June 2026)
// and availability zones (Microsoft, "Azure regions list"), which the default storage needs. `az functionapp
// list-flexconsumption-locations` shows the current ones; preview regions are left out.
@allowed([
  'australiaeast'
  'brazilsouth'
  'canadacentral'
  'centralindia'
  'centralus'
  'eastasia'
  'eastus'
  'eastus2'
  'francecentral'
  'germanywestcentral'
  'italynorth'
  'japaneast'
  'koreacentral'
  'northeurope'
  'norwayeast'
  'southafricanorth'
  'southcentralus'
  'southeastasia'
  'spaincentral'
  'swedencentral'
  'uaenorth'
  'uksouth'
  'westeurope'
  'westus2'
  'westus3'
])
@description('Region of all resources except the web app')
@metadata({ azd: { type: 'location' } })
param location string

@allowed(['westus2', 'centralus', 'eastus2', 'westeurope', 'eastasia'])
@description('Region that manages the static web app; its files are served worldwide')
param staticWebAppLocation string = 'westeurope'

@description('Object id of the deploying user or principal, which gets the right to write keys into the vault; empty for none')
param principalId string = ''

@allowed(['User', 'ServicePrincipal', 'Group'])
@description('Type of the deploying principal; for a GitHub workflow ServicePrincipal')
param principalType string = 'User'

@description('The directory that holds accounts and passwords. embedded keeps them in Table Storage, openldap and active_directory ask the servers that directory.json names, entra asks Microsoft Entra over Graph')
param directory string = 'embedded'

@description('Id of the tenant in which people sign in at Microsoft; empty where they sign in with a password here. operate/hooks/sign_in_apps.py sets this and the next two')
param entraTenant string = ''

@description('Application id of the registration of the API')
param entraApi string = ''

@description('Application id of the registration of the pages')
param entraPage string = ''

@description('Sign-in service of a sovereign cloud; empty for the public one')
param entraAuthority string = ''

@description('Whether the service reaches Azure through the proxy that the variables HTTPS_PROXY and NO_PROXY name')
param useProxySettings bool = false

@description('How people reach the helpdesk: a phone number or an email address. Pages and messages show it')
param helpdesk string

@description('Senders of texts, separated by commas: numbers, short codes and names, each with its countries after a colon where they do not follow from it; empty until you have one')
param smsSenders string = ''

@description('Number that calls people to speak a code, toll-free or geographic, of the same Communication Services resource; empty for no calls. With it, a speech service is deployed')
param voiceCaller string = ''

@allowed(['United States', 'Europe', 'UK', 'Australia', 'Japan', 'Canada', 'Switzerland', 'Asia Pacific'])
@description('Where Communication Services stores data at rest; cannot be changed later')
param acsDataLocation string = 'Europe'

@minLength(36)
@maxLength(36)
@description('Id of the role with which the service sends messages. The default is Communication and Email Service Owner; docs/deploy.md describes a narrower one of your own')
param acsRole string = '09976791-48a7-449e-bb21-39d1a415f350'

@description('Custom mail domain. If empty, email is sent from the domain that Azure manages: 10 messages an hour, for trials only')
param emailDomain string = ''

@description('Set to true after the DNS records of the custom mail domain are verified. The domain can be linked only then')
param emailDomainVerified bool = false

@description('True leaves the custom mail domain as it is, with the verification of its records; operate/hooks/preprovision.py sets it')
param emailDomainExists bool = false

@description('Further origins whose pages may call the service, separated by commas (such as a custom domain of the web app)')
param moreWebOrigins string = ''

@minValue(1)
@maxValue(5)
@description('Number of proxies whose X-Forwarded-For entries are trusted: 1 is the front end of the platform')
param trustedHops int = 1

@description('Id of the Azure Front Door profile in front of the service, a GUID; empty if there is none')
param frontDoorId string = ''

@description('Domain that passkeys are bound to (RP ID), the host of a page or a domain above it; needed if policy.json offers passkeys, and never to be changed')
param rpId string = ''

@description('Schedule of the timer that sends reminders (NCRONTAB with seconds, UTC)')
param remindSchedule string = '0 0 * * * *'

@description('Schedule of the timer that deletes expired rows (NCRONTAB with seconds, UTC)')
param purgeSchedule string = '0 30 3 * * *'

@allowed([512, 2048, 4096])
@description('Memory of an instance in MB; 2048 comes with one core')
param instanceMemoryMB int = 2048

@minValue(40)
@maxValue(1000)
@description('Maximum number of instances')
param maximumInstanceCount int = 40

@minValue(1)
@maxValue(1000)
@description('Requests that one instance handles in parallel. The platform default for Python is 1, so each parallel request would start an instance')
param httpConcurrency int = 16

@minValue(0)
@maxValue(20)
@description('Always-ready instances for requests; each is billed continuously')
param alwaysReadyHttp int = 0

@minValue(0)
@maxValue(20)
@description('Always-ready instances for sending codes; each is billed continuously')
param alwaysReadyDelivery int = 0

@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
@description('Storage redundancy. ZRS survives the loss of a zone, GZRS the loss of a region')
param storageSku string = 'Standard_ZRS'

@minValue(30)
@maxValue(730)
@description('Days that the workspace keeps logs. Azure keeps the tables of Application Insights (AppRequests, AppTraces, ...) for at least 90 days')
param logRetentionDays int = 30

@minValue(1)
@description('Logs of one day in GB above which an alert is raised')
param logWarningGb int = 1

@minValue(0)
@description('Daily cap of logs in GB. After it is reached, nothing is logged for the rest of the day, so no other alert can fire: a flood of requests would silence them. 0 sets no cap')
param logQuotaGb int = 0

@description('Email address that receives alerts; if empty, alerts appear in the portal only')
param alertEmail string = ''

@minValue(0)
@description('Monthly budget of the resource group, in the currency of the subscription. Warnings are sent at 50 %, 80 % and 100 %. 0 creates no budget; some offers of Azure have none')
param monthlySpend int = 100

@description('First day of the month in which the budget starts, as yyyy-MM-dd. operate/hooks/preprovision.py sets it; empty creates no budget')
param budgetStart string = ''

@minValue(1)
@description('Messages sent in one hour above which an alert is raised, to detect SMS pumping')
param deliveriesPerHour int = 500

@description('True creates a virtual network for the service and closes storage to all other networks. Needed to reach an LDAP server')
param vnetEnabled bool = false

@description('Address space of the virtual network; it must not overlap peered networks')
param vnetAddressSpace string = '10.83.0.0/24'

@description('Subnet for the instances of the service, at least a /27')
param vnetAppSubnet string = '10.83.0.0/25'

@description('Subnet for the private endpoints of storage')
param vnetEndpointSubnet string = '10.83.0.192/26'

@description('True restores the soft-deleted vault of an earlier `azd down` of the same environment, with its keys; operate/hooks/preprovision.py sets it')
param recoverVault bool = false

// Spaces, empty entries and a final slash are removed, and anything but an origin is refused, as in shared/settings.py.
// Otherwise the deployment would succeed, and the service would not answer.
var givenOrigins = filter(map(split(moreWebOrigins, ','), origin => trim(origin)), origin => !empty(origin))
var bareOrigins = map(givenOrigins, origin => endsWith(origin, '/') ? take(origin, length(origin) - 1) : origin)
var moreOrigins = map(
  bareOrigins,
  origin =>
    startsWith(origin, 'https://') && uriComponent(skip(origin, 8)) == replace(toLower(skip(origin, 8)), ':', '%3A')
      ? origin
      : fail('MORE_WEB_ORIGINS: ${origin} is not an origin, such as https://www.example.org')
)

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
  speech: 'ais-${token}'
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
    storageName: names.storage
  }
  dependsOn: [storage]
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
    emailDomainExists: emailDomainExists
    calls: !empty(voiceCaller)
  }
}

module speech 'app/speech.bicep' = if (!empty(voiceCaller)) {
  name: 'speech'
  scope: group
  params: {
    name: names.speech
    location: location
    tags: tags
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
    communicationName: names.communication
  }
  dependsOn: [communication]
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
    storageName: names.storage
    vaultName: names.vault
    insightsName: names.insights
    communicationName: names.communication
    communicationRole: acsRole
    speechName: empty(voiceCaller) ? '' : names.speech
    communicationPrincipalId: communication.outputs.principalId
  }
  dependsOn: [storage, vault, monitoring, speech]
}

module reports 'app/delivery_reports.bicep' = {
  name: 'delivery-reports'
  scope: group
  params: {
    topicName: names.topic
    storageName: names.storage
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
    identityName: names.identity
    storageName: names.storage
    packageUrl: storage.outputs.packageUrl
    insightsName: names.insights
    vaultName: names.vault
    networkName: vnetEnabled ? names.network : ''
    webOrigins: union([web.outputs.origin], moreOrigins)
    acsEndpoint: communication.outputs.endpoint
    emailSender: communication.outputs.emailSender
    smsSenders: smsSenders
    voiceCaller: voiceCaller
    speechEndpoint: speech.?outputs.endpoint ?? ''
    acsImmutableId: communication.outputs.immutableId
    trustedHops: trustedHops
    frontDoorId: frontDoorId
    rpId: rpId
    directory: directory
    entraTenant: entraTenant
    entraApi: entraApi
    entraPage: entraPage
    entraAuthority: entraAuthority
    useProxySettings: useProxySettings
    helpdesk: helpdesk
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
    remindSchedule: remindSchedule
    logWarningGb: logWarningGb
    logQuotaGb: logQuotaGb
  }
  dependsOn: [api]
}

module spend 'app/spend.bicep' = if (monthlySpend > 0 && !empty(budgetStart)) {
  name: 'spend'
  scope: group
  params: {
    amount: monthlySpend
    firstDay: budgetStart
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
output AZURE_KEY_VAULT_NAME string = names.vault
output AZURE_FUNCTION_APP_NAME string = names.api
output AZURE_STORAGE_ACCOUNT_NAME string = names.storage
output AZURE_COMMUNICATION_NAME string = names.communication
output EMAIL_SERVICE_NAME string = names.email
output EMAIL_SENDER string = communication.outputs.emailSender
output ACS_ENDPOINT string = communication.outputs.endpoint
output API_BASE_URL string = api.outputs.baseUrl
output WEB_BASE_URL string = web.outputs.origin
