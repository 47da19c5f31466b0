# Runs before azd creates or changes resources: looks up what a template cannot know, and passes it on.
$ErrorActionPreference = 'Stop'

# `azd up` asks for the last two; `azd provision` alone would ask for them after this hook.
foreach ($name in 'AZURE_ENV_NAME', 'AZURE_LOCATION', 'AZURE_SUBSCRIPTION_ID') {
    if (-not [Environment]::GetEnvironmentVariable($name)) { throw "$name is not set: run azd up, or azd env set $name" }
}
$group = "rg-$($env:AZURE_ENV_NAME)"
$region = $env:AZURE_LOCATION
$subscription = $env:AZURE_SUBSCRIPTION_ID
function Confirm-Answer([string]$what) {
    if ($LASTEXITCODE -ne 0) { throw "Cannot look up $what in the subscription $subscription. Sign in to the Azure CLI with the account that azd uses (az login), then run azd provision again." }
}

$exists = az group exists --name $group --subscription $subscription
Confirm-Answer "the resource group $group"

# The budget: Azure refuses another start for an existing one, and a past month for a new one.
$start = ''
if ($exists -eq 'true' -and $env:MONTHLY_SPEND -ne '0') {
    $start = az rest --method get --url "/subscriptions/$subscription/resourceGroups/$group/providers/Microsoft.Consumption/budgets?api-version=2023-11-01" --query "value[?name=='sesame'].properties.timePeriod.startDate | [0]" --output tsv
    Confirm-Answer 'the budget'
}
if (-not $start) { $start = [DateTime]::UtcNow.ToString('yyyy-MM-01') }
azd env set --environment $env:AZURE_ENV_NAME BUDGET_START $start.Substring(0, 10)

# The vault of an earlier `azd down`: purge protection keeps it and its name, so it must be recovered, but only once.
$deleted = az keyvault list-deleted --resource-type vault --subscription $subscription --output tsv --query "[?contains(properties.vaultId, '/resourceGroups/$group/') && properties.location=='$region'].name"
Confirm-Answer 'deleted key vaults'
azd env set --environment $env:AZURE_ENV_NAME RECOVER_KEY_VAULT $(if ($deleted) { 'true' } else { 'false' })

# A mail domain that was deleted has to be declared and verified again.
if ($exists -eq 'false' -and $env:EMAIL_DOMAIN_VERIFIED -eq 'true') {
    azd env set --environment $env:AZURE_ENV_NAME EMAIL_DOMAIN_VERIFIED false
}

# Role assignments of an earlier `azd down` can outlive their resources. Azure then refuses a new identity under the same
# name of the assignment (RoleAssignmentUpdateNotPermitted).
if ($exists -eq 'false') {
    $left = az role assignment list --all --subscription $subscription --output tsv --query "[?contains(scope, '/resourceGroups/$group/')].id"
    Confirm-Answer 'role assignments'
    foreach ($assignment in $left) { az role assignment delete --ids $assignment --subscription $subscription }
}
