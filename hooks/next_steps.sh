#!/bin/sh
# Prints what only a person can do. It changes nothing.
set -eu

group=${AZURE_RESOURCE_GROUP:?azd sets it}
vault=${AZURE_KEY_VAULT_NAME:?azd sets it}
storage=${AZURE_STORAGE_ACCOUNT_NAME:?azd sets it}
communication=${AZURE_COMMUNICATION_NAME:?azd sets it}

cat <<TEXT

Pages     ${WEB_BASE_URL:-}
Service   ${API_BASE_URL:-}/api/v1/health/ready   (after azd deploy)

WHAT ONLY YOU CAN DO

1. The first administrator. In a checkout that ./sesame has set up, as somebody who may give rights on the account:

   account=\$(az storage account show --name $storage --resource-group $group --query id --output tsv)
   az role assignment create --assignee "\$(az ad signed-in-user show --query id --output tsv)" --role "Storage Table Data Contributor" --scope "\$account"
   (
     read_key() { az keyvault secret show --vault-name $vault --name "\$1" --query value --output tsv; }
     export SESAME_STORAGE_ACCOUNT=$storage SESAME_ACS_ENDPOINT=${ACS_ENDPOINT:-} SESAME_EMAIL_SENDER=${EMAIL_SENDER:-} SESAME_SMS_SENDER=none
     export SESAME_INDEX_KEY="\$(read_key sesame-index-key)" SESAME_CODE_KEYS="\$(read_key sesame-code-keys)"
     export SESAME_TOKEN_KEYS="\$(read_key sesame-token-keys)" SESAME_SEAL_KEYS="\$(read_key sesame-seal-keys)"
     export SESAME_PEPPERS="\$(read_key sesame-peppers)"
     .venv/bin/python -m local.add_person NAME --administrator
   )
   az role assignment delete --assignee "\$(az ad signed-in-user show --query id --output tsv)" --role "Storage Table Data Contributor" --scope "\$account"

   The keys are in that one process only. The right takes some minutes to hold.
TEXT

if [ -z "${SMS_SENDER:-}" ]; then
  cat <<TEXT

2. A number for texts. In the portal: Communication Services $communication > Phone numbers > Get. It needs a paid
   subscription; a toll-free number of the US or Canada must be verified there (Regulatory documents), which takes weeks.

     azd env set SMS_SENDER +1...   and   azd provision

   Until then nobody can finish a reset: the policy asks for two proofs, an email and a text. To try the service with
   email alone, write {"gates": 1, "methods": ["email"]} into infra/policy.json and run azd provision.
TEXT
fi

if [ -z "${EMAIL_DOMAIN:-}" ]; then
  cat <<TEXT

3. A mail domain of your own. ${EMAIL_SENDER:-The sender} may send 5 messages a minute and 10 an hour, for a trial only.

     azd env set EMAIL_DOMAIN mail.example.org   and   azd provision   and follow what is printed then
TEXT
elif [ "${EMAIL_DOMAIN_VERIFIED:-false}" != true ]; then
  cat <<TEXT

3. The DNS records of $EMAIL_DOMAIN. They are in

     az communication email domain show --resource-group $group --email-service-name ${EMAIL_SERVICE_NAME:-} --domain-name $EMAIL_DOMAIN --query verificationRecords

   Enter them with whoever runs your DNS, then ask for each to be verified, and link the domain:

     for record in Domain SPF DKIM DKIM2; do
       az communication email domain initiate-verification --resource-group $group --email-service-name ${EMAIL_SERVICE_NAME:-} --domain-name $EMAIL_DOMAIN --verification-type \$record
     done
     azd env set EMAIL_DOMAIN_VERIFIED true   and   azd provision
TEXT
else
  cat <<TEXT

3. More mail. $EMAIL_DOMAIN may send 30 messages a minute and 100 an hour; a support ticket raises it (Service and
   subscription limits > Communication Services email), once fewer than 1 % of your messages bounce.
TEXT
fi

if [ -z "${ALERT_EMAIL:-}" ]; then
  cat <<TEXT

4. Somebody to alert. Alerts are raised, and nobody is told:

     azd env set ALERT_EMAIL operator@example.org   and   azd provision
TEXT
fi

cat <<TEXT

5. Consent for Microsoft Graph: none. This build keeps accounts itself and asks Entra ID for nothing.

6. When all is done, whoever deployed may give back the right to write keys:

     az role assignment delete --assignee ${AZURE_PRINCIPAL_ID:-YOU} --role "Key Vault Secrets Officer" --scope "\$(az keyvault show --name $vault --query id --output tsv)"
TEXT
