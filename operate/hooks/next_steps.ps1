# Prints the manual steps that are left. Changes nothing.
$ErrorActionPreference = 'Stop'

$group = $env:AZURE_RESOURCE_GROUP
$vault = $env:AZURE_KEY_VAULT_NAME
$storage = $env:AZURE_STORAGE_ACCOUNT_NAME
$communication = $env:AZURE_COMMUNICATION_NAME
foreach ($name in 'AZURE_RESOURCE_GROUP', 'AZURE_KEY_VAULT_NAME', 'AZURE_STORAGE_ACCOUNT_NAME', 'AZURE_COMMUNICATION_NAME') {
    if (-not [System.Environment]::GetEnvironmentVariable($name)) { throw "$name is not set. Run this script as an azd hook." }
}

Write-Output @"

Web app   $($env:WEB_BASE_URL)
Service   $($env:API_BASE_URL)/api/v1/health/ready   (after azd deploy)

MANUAL STEPS

1. Create the first administrator. Use a checkout in which sesame run has run once, and sign in to az
   as a user who can assign roles on the storage account:

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
     .venv\Scripts\python -m operate.add_person NAME --administrator
   }
   az role assignment delete --assignee `$me --role "Storage Table Data Contributor" --scope `$account

   The keys are in that process only. The role can take some minutes to take effect; if access is denied, try again.
"@

if (-not $env:SMS_SENDER) {
    Write-Output @"

2. Get a number for texts. In the portal, open Communication Services $communication > Phone numbers > Get.
   You need a paid subscription. A US or Canadian toll-free number must be verified there (Regulatory documents), which
   takes weeks. Then run

     azd env set SMS_SENDER +1...
     azd provision

   Until then people can reset with an email address and an authenticator app.
"@
}

if (-not $env:EMAIL_DOMAIN) {
    Write-Output @"

3. Set up a custom mail domain. $($env:EMAIL_SENDER) can send 5 messages a minute and 10 an hour,
   which is enough for a trial only. Run

     azd env set EMAIL_DOMAIN mail.example.org
     azd provision

   and follow the steps that are printed then.
"@
}
elseif ($env:EMAIL_DOMAIN_VERIFIED -ne 'true') {
    $domain = "--resource-group $group --email-service-name $($env:EMAIL_SERVICE_NAME) --domain-name $($env:EMAIL_DOMAIN)"
    Write-Output @"

3. Add the DNS records of $($env:EMAIL_DOMAIN). To show them, run

     az communication email domain show $domain --query verificationRecords

   Add them in your DNS zone, then start the verification of each record and link the domain:

     foreach (`$record in 'Domain', 'SPF', 'DKIM', 'DKIM2') {
       az communication email domain initiate-verification $domain --verification-type `$record
     }
     azd env set EMAIL_DOMAIN_VERIFIED true
     azd provision
"@
}
else {
    Write-Output @"

3. Raise the email quota. $($env:EMAIL_DOMAIN) can send 30 messages a minute and 100 an hour. To raise the
   quota, open a support ticket (Service and subscription limits > Communication Services email) when fewer than 1 % of
   your messages bounce.
"@
}

if (-not $env:ALERT_EMAIL) {
    Write-Output @"

4. Set who receives alerts. Without an address, alerts appear in the portal only. Run

     azd env set ALERT_EMAIL operator@example.org
     azd provision
"@
}

$deployer = if ($env:AZURE_PRINCIPAL_ID) { $env:AZURE_PRINCIPAL_ID } else { 'YOU' }
Write-Output @"

5. Microsoft Graph: no consent is needed. This version stores accounts itself and does not call Entra ID.

6. After the deployment, remove the deployer's right to write keys:

     az role assignment delete --assignee $deployer --role "Key Vault Secrets Officer" --scope (az keyvault show --name $vault --query id --output tsv)
"@
