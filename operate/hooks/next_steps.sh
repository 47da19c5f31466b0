#!/bin/sh
# Prints the manual steps that are left. Changes nothing.
set -eu

group=${AZURE_RESOURCE_GROUP:?set by azd}
vault=${AZURE_KEY_VAULT_NAME:?set by azd}
storage=${AZURE_STORAGE_ACCOUNT_NAME:?set by azd}
communication=${AZURE_COMMUNICATION_NAME:?set by azd}

cat <<TEXT

Web app   ${WEB_BASE_URL:-}
Service   ${API_BASE_URL:-}/api/v1/health/ready   (after azd deploy)

MANUAL STEPS

1. Create the first administrator. Use a checkout in which ./sesame run has run once, and sign in to az
   as a user who can assign roles on the storage account:

   account=\$(az storage account show --name $storage --resource-group $group --query id --output tsv)
   az role assignment create --assignee "\$(az ad signed-in-user show --query id --output tsv)" --role "Storage Table Data Contributor" --scope "\$account"
   (
     read_key() { az keyvault secret show --vault-name $vault --name "\$1" --query value --output tsv; }
     export SESAME_STORAGE_ACCOUNT=$storage SESAME_ACS_ENDPOINT=${ACS_ENDPOINT:-} SESAME_EMAIL_SENDER=${EMAIL_SENDER:-} SESAME_SMS_SENDER=none
     export SESAME_INDEX_KEY="\$(read_key sesame-index-key)" SESAME_CODE_KEYS="\$(read_key sesame-code-keys)"
     export SESAME_TOKEN_KEYS="\$(read_key sesame-token-keys)" SESAME_SEAL_KEYS="\$(read_key sesame-seal-keys)"
     export SESAME_PEPPERS="\$(read_key sesame-peppers)"
     .venv/bin/python -m operate.add_person NAME --administrator
   )
   az role assignment delete --assignee "\$(az ad signed-in-user show --query id --output tsv)" --role "Storage Table Data Contributor" --scope "\$account"

   The keys are in that process only. The role can take some minutes to take effect; if access is denied, try again.
TEXT

if [ -z "${SMS_SENDER:-}" ]; then
  cat <<TEXT

2. Get a number for texts. In the portal, open Communication Services $communication > Phone numbers > Get.
   You need a paid subscription. A US or Canadian toll-free number must be verified there (Regulatory documents), which
   takes weeks. Then run

     azd env set SMS_SENDER +1...
     azd provision

   Until then people can reset with an email address and an authenticator app.
TEXT
fi

if [ -z "${EMAIL_DOMAIN:-}" ]; then
  cat <<TEXT

3. Set up a custom mail domain. ${EMAIL_SENDER:-The sender} can send 5 messages a minute and 10 an hour,
   which is enough for a trial only. Run

     azd env set EMAIL_DOMAIN mail.example.org
     azd provision

   and follow the steps that are printed then.
TEXT
elif [ "${EMAIL_DOMAIN_VERIFIED:-false}" != true ]; then
  cat <<TEXT

3. Add the DNS records of $EMAIL_DOMAIN. To show them, run

     az communication email domain show --resource-group $group --email-service-name ${EMAIL_SERVICE_NAME:-} --domain-name $EMAIL_DOMAIN --query verificationRecords

   Add them in your DNS zone, then start the verification of each record and link the domain:

     for record in Domain SPF DKIM DKIM2; do
       az communication email domain initiate-verification --resource-group $group --email-service-name ${EMAIL_SERVICE_NAME:-} --domain-name $EMAIL_DOMAIN --verification-type \$record
     done
     azd env set EMAIL_DOMAIN_VERIFIED true
     azd provision
TEXT
else
  cat <<TEXT

3. Raise the email quota. $EMAIL_DOMAIN can send 30 messages a minute and 100 an hour. To raise the
   quota, open a support ticket (Service and subscription limits > Communication Services email) when fewer than 1 % of
   your messages bounce.
TEXT
fi

if [ -z "${ALERT_EMAIL:-}" ]; then
  cat <<TEXT

4. Set who receives alerts. Without an address, alerts appear in the portal only. Run

     azd env set ALERT_EMAIL operator@example.org
     azd provision
TEXT
fi

cat <<TEXT

5. Microsoft Graph: no consent is needed. This version stores accounts itself and does not call Entra ID.

6. After the deployment, remove the deployer's right to write keys:

     az role assignment delete --assignee ${AZURE_PRINCIPAL_ID:-YOU} --role "Key Vault Secrets Officer" --scope "\$(az keyvault show --name $vault --query id --output tsv)"
TEXT
