# Prints what only a person can do. It changes nothing.
$ErrorActionPreference = 'Stop'

$group = $env:AZURE_RESOURCE_GROUP
$vault = $env:AZURE_KEY_VAULT_NAME
$storage = $env:AZURE_STORAGE_ACCOUNT_NAME
$communication = $env:AZURE_COMMUNICATION_NAME
foreach ($name in 'AZURE_RESOURCE_GROUP', 'AZURE_KEY_VAULT_NAME', 'AZURE_STORAGE_ACCOUNT_NAME', 'AZURE_COMMUNICATION_NAME') {
    if (-not [System.Environment]::GetEnvironmentVariable($name)) { throw "$name is not set: run this as a hook of azd." }
}

Write-Output @"

Pages     $($env:WEB_BASE_URL)
Service   $($env:API_BASE_URL)/api/v1/health/ready   (after azd deploy)

WHAT ONLY YOU CAN DO

1. The first administrator. In a checkout that sesame has set up, as somebody who may give rights on the account:

   `$account = az storage account show --name $storage --resource-group $group --query id --output tsv
   `$me = az ad signed-in-user show --query id --output tsv
   az role assignment create --assignee `$me --role "Storage Table Data Contributor" --scope `$account
   pwsh -NoProfile -Command {
     function read_key(`$name) { az keyvault secret show --vault-name $vault --name `$name --query value --output tsv }
     `$env:SESAME_STORAGE_ACCOUNT = '$storage'; `$env:SESAME_ACS_ENDPOINT = '$($env:ACS_ENDPOINT)'
     `$env:SESAME_EMAIL_SENDER = '$($env:EMAIL_SENDER)'; `$env:SESAME_SMS_SENDER = 'none'
     `$env:SESAME_INDEX_KEY = read_key sesame-index-key; `$env:SESAME_CODE_KEYS = read_key sesame-code-keys
     `$env:SESAME_TOKEN_KEYS = read_key sesame-token-keys; `$env:SESAME_SEAL_KEYS = read_key sesame-seal-keys
     `$env:SESAME_PEPPERS = read_key sesame-peppers
     .venv\Scripts\python -m local.add_person NAME --administrator
   }
   az role assignment delete --assignee `$me --role "Storage Table Data Contributor" --scope `$account

   The keys are in that one process only. The right takes some minutes to hold.
"@

if (-not $env:SMS_SENDER) {
    Write-Output @"

2. A number for texts. In the portal: Communication Services $communication > Phone numbers > Get. It needs a paid
   subscription; a toll-free number of the US or Canada must be verified there (Regulatory documents), which takes weeks.

     azd env set SMS_SENDER +1...   and   azd provision

   Until then nobody can finish a reset: the policy asks for two proofs, an email and a text. To try the service with
   email alone, write {"gates": 1, "methods": ["email"]} into infra/policy.json and run azd provision.
"@
}

if (-not $env:EMAIL_DOMAIN) {
    Write-Output @"

3. A mail domain of your own. $($env:EMAIL_SENDER) may send 5 messages a minute and 10 an hour, for a trial only.

     azd env set EMAIL_DOMAIN mail.example.org   and   azd provision   and follow what is printed then
"@
}
elseif ($env:EMAIL_DOMAIN_VERIFIED -ne 'true') {
    $domain = "--resource-group $group --email-service-name $($env:EMAIL_SERVICE_NAME) --domain-name $($env:EMAIL_DOMAIN)"
    Write-Output @"

3. The DNS records of $($env:EMAIL_DOMAIN). They are in

     az communication email domain show $domain --query verificationRecords

   Enter them with whoever runs your DNS, then ask for each to be verified, and link the domain:

     foreach (`$record in 'Domain', 'SPF', 'DKIM', 'DKIM2') {
       az communication email domain initiate-verification $domain --verification-type `$record
     }
     azd env set EMAIL_DOMAIN_VERIFIED true   and   azd provision
"@
}
else {
    Write-Output @"

3. More mail. $($env:EMAIL_DOMAIN) may send 30 messages a minute and 100 an hour; a support ticket raises it (Service and
   subscription limits > Communication Services email), once fewer than 1 % of your messages bounce.
"@
}

if (-not $env:ALERT_EMAIL) {
    Write-Output @"

4. Somebody to alert. Alerts are raised, and nobody is told:

     azd env set ALERT_EMAIL operator@example.org   and   azd provision
"@
}

$deployer = if ($env:AZURE_PRINCIPAL_ID) { $env:AZURE_PRINCIPAL_ID } else { 'YOU' }
Write-Output @"

5. Consent for Microsoft Graph: none. This build keeps accounts itself and asks Entra ID for nothing.

6. When all is done, whoever deployed may give back the right to write keys:

     az role assignment delete --assignee $deployer --role "Key Vault Secrets Officer" --scope (az keyvault show --name $vault --query id --output tsv)
"@
